import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  registrationEdgesOf,
  registrationMachine,
  type StepRecord,
  transitionsTaken,
} from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type Line, type LineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

/** Every kind of message that a client may send, with its event in the chart. */
const messages: readonly (readonly [string, Line, 'RequestRegisterClient' | 'OtherMessage'])[] = [
  ['a valid registration', registerRequest(), 'RequestRegisterClient'],
  [
    'a registration that is not valid',
    registerRequest({ clientName: 'unknown' }),
    'RequestRegisterClient',
  ],
  ['a malformed registration', registerRequest({ clientType: 'Agent' }), 'RequestRegisterClient'],
  // The chart's own events, the server's messages, and an unknown name.
  ...[...new Set(registrationEdgesOf(registrationMachine).map(({ event }) => event))]
    .filter((event) => event !== 'RequestRegisterClient')
    .concat('RequestAgentLogin', 'registrationTimeout', 'xstate.after.registrationTimeout')
    .map(
      (name) =>
        [`the name ${name}`, { messageName: name, referenceId: 1 }, 'OtherMessage'] as const,
    ),
];

/** How a client moves its session into each configuration in which the gate reads; it reads in no other. */
const ways: Readonly<Partial<Record<Configuration, (client: LineClient) => Promise<unknown>>>> = {
  'awaiting/registration': async () => {},
  'awaiting/rejection': (client) => client.ask({ messageName: 'Hello' }),
  registered: (client) => client.ask(registerRequest()),
};

/** The gate in a configuration, and the effect of a message there. */
async function inConfiguration(configuration: Configuration) {
  const steps: StepRecord[] = [];
  const { server, client } = await openGate({
    validator: async ({ clientName }) => clientName === 'desk-1',
    onMessage: ({ reply }) => void reply.ack(),
  });
  server.on('step', (step) => steps.push(step));
  const connected = once(server, 'connected');
  const one = await client();
  await connected;
  await ways[configuration]?.(one);
  expect(server.sessions()[0]?.state).toBe(configuration);
  steps.splice(0);
  return { server, client: one, steps };
}

describe.each(Object.keys(ways) as Configuration[])('In %s', (configuration) => {
  it.each(messages)(
    'T22: %s has the outcome that the chart defines, and one answer',
    async (_what, message, type) => {
      const { server, client, steps } = await inConfiguration(configuration);
      const answer = await client.ask(message);
      const [heard, said] = steps;
      expect(heard).toMatchObject({ direction: 'in', from: configuration });
      expect(heard?.transition).toEqual(transitionsTaken(configuration, type).map(({ id }) => id));
      expect(said).toMatchObject({ direction: 'out', name: answer?.messageName, from: heard?.to });
      const event = answer?.messageName === 'EventAck' ? 'EventAck' : 'EventError';
      const taken = transitionsTaken(heard?.to as Configuration, event);
      expect(said?.transition).toEqual(taken.map(({ id }) => id));
      expect(taken.some(({ unexpected }) => unexpected)).toBe(false);
      expect(answer?.referenceId).toBe(1);
      // Only a valid registration registers a client, and no message ends a registration.
      const registered = configuration === 'registered' || _what === 'a valid registration';
      expect(server.sessions()[0]?.state === 'registered').toBe(registered);
      expect(steps).toHaveLength(2);
      client.socket.destroy();
    },
  );
});

describe('While an answer is pending', () => {
  it.each(messages)('T22: %s waits for it, and then has its outcome', async (_what, message) => {
    let decide: (valid: boolean) => void = () => {};
    const { server, client } = await openGate({
      validator: () => new Promise<boolean>((resolve) => (decide = resolve)),
      onMessage: ({ reply }) => void reply.ack(),
    });
    const heard: string[] = [];
    server.on('step', ({ name, direction }) => direction === 'in' && heard.push(name));
    await using one = await client();
    one.say(registerRequest({ referenceId: 41 }));
    one.say(message);
    await expect.poll(() => server.sessions()[0]?.state).toBe('validating/registration');
    expect(heard).toEqual(['RequestRegisterClient']);
    decide(true);
    expect(await one.next()).toEqual({ messageName: 'EventAck', referenceId: 41 });
    expect(await one.next()).toMatchObject({ referenceId: 1 });
    expect(heard).toEqual(['RequestRegisterClient', message.messageName]);
  });
});
