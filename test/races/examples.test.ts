/** Interleavings that deserve a name: each is one order of events, given step by step. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClient, type GateClient } from '../../adapters/client/index.js';
import type { WireMessage } from '../../machines/index.js';
import { controlledPair, type Network } from './controlled-pair.js';
import { holdTheLoop, Interleaving } from './interleaving.js';
import { Dialing, eventsOf, leftOvers, nothingLeft, RacingGate } from './racing.js';
import { inOrder } from './scripted-order.js';

holdTheLoop();
afterEach(() => {
  vi.restoreAllMocks();
});

const network: Network = {
  framing: 'stream',
  cuts: [65_536],
  highWaterMark: 65_536,
  destroyLoses: false,
  endWaits: true,
};

/** One client and one gate that decides at once, in the given order. */
async function happens(
  times: {
    readonly registrationTimeout?: number;
    readonly replyTimeout?: number;
    readonly requestTimeout?: number;
  },
  ...order: readonly string[]
) {
  const interleaving = new Interleaving(inOrder(...order), 1);
  const { registrationTimeout, ...clientTimes } = times;
  const gate = new RacingGate(interleaving, {
    registrationTimeout,
    onMessage: ({ reply }) => void reply.ack(),
  });
  const dialing = new Dialing(interleaving, network, (connection) => gate.accept(connection));
  const client = createClient({
    endpoints: 'tcp://gate.test:7004',
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    reconnect: false,
    ...clientTimes,
  });
  const events = eventsOf(client, interleaving);
  const answers: (WireMessage | Error)[] = [];
  client.on('registered', () => {
    client.request({ messageName: 'RequestStatus' }).then(
      (answer) => answers.push(answer),
      (error: Error) => answers.push(error),
    );
  });
  const deeds = {
    'the client closes': () => void client.close(),
    'the gate closes': () => gate.close(),
    'the connection breaks': () => dialing.current?.drop(),
  };
  for (const [deed, does] of Object.entries(deeds))
    if (order.includes(deed)) interleaving.later(deed, does);
  await interleaving.rest();
  void client.close();
  gate.close();
  await interleaving.rest();
  expect(leftOvers(gate)).toEqual(nothingLeft);
  return { events, answers, session: gate.lives[0]?.events ?? [], trace: interleaving.trace };
}

/** The steps until a request is on its way to the gate. */
const setUp = ['arrival at gate', 'connected at client'];

describe('when an answer meets a timeout', () => {
  it('a request that is read in the turn of its deadline is granted', async () => {
    const { session } = await happens(
      { registrationTimeout: 5 },
      ...setUp,
      'turn',
      'to gate',
      'turn',
    );
    expect(session.slice(0, 2)).toEqual(['connected', 'registered']);
  });

  it('a request that is read in the turn after it is not', async () => {
    const { session } = await happens(
      { registrationTimeout: 5 },
      ...setUp,
      'turn',
      'turn',
      'to gate',
    );
    expect(session).toEqual(['connected', 'disconnected registration-timeout']);
  });

  it('an EventAck that the client reads in the turn of its timeout registers it', async () => {
    const { events } = await happens(
      { replyTimeout: 5 },
      ...setUp,
      'to gate',
      'turn',
      'turn',
      'to client',
      'turn',
    );
    expect(events.slice(0, 2)).toEqual(['connecting', 'registered']);
  });

  it('an EventAck that the client reads in the turn after it does not', async () => {
    const { events, session } = await happens(
      { replyTimeout: 5 },
      ...setUp,
      'to gate',
      'turn',
      'turn',
      'turn',
      'closed at client',
    );
    expect(events).toEqual(['connecting', 'disconnected reply-timeout', 'stopped']);
    expect(session).toEqual(['connected', 'registered', 'disconnected transport-error']);
  });

  it('an answer that the client reads in the turn of the timeout of the request is its answer', async () => {
    const { answers } = await happens(
      { requestTimeout: 5 },
      ...setUp,
      'to gate',
      'turn',
      'to client',
      'turn',
      'to gate',
      'turn',
      'to client',
      'turn',
    );
    expect(answers).toEqual([{ messageName: 'EventAck', referenceId: 2 }]);
  });
});

it('a listener that ends a session at its first step has got the event of its begin', async () => {
  const interleaving = new Interleaving(inOrder(), 1);
  const gate = new RacingGate(interleaving, {});
  gate.server.once('step', ({ session }) => gate.server.session(session)?.disconnect());
  gate.accept(controlledPair(interleaving, network).gate);
  expect(gate.lives[0]?.events).toEqual(['connected', 'disconnected server-closed']);
  gate.close();
  await interleaving.rest();
  expect(leftOvers(gate)).toEqual(nothingLeft);
});

describe('a closed client emits only its end', () => {
  /** The events of a reconnecting client that is closed by its own listener. */
  async function tells(
    closesAt: (client: GateClient) => void,
    refuses = false,
    validator = () => true,
  ) {
    // Time passes when no other task is left.
    const interleaving = new Interleaving(inOrder(), 64);
    const gate = new RacingGate(interleaving, { validator });
    new Dialing(
      interleaving,
      network,
      (connection) => gate.accept(connection),
      () => refuses,
    );
    const client = createClient({
      endpoints: 'tcp://gate.test:7004',
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      reconnect: { maxAttempts: 2, initialDelay: 5 },
    });
    closesAt(client);
    const events = eventsOf(client, interleaving);
    await interleaving.rest();
    gate.close();
    await interleaving.rest();
    expect(leftOvers(gate)).toEqual(nothingLeft);
    return events;
  }

  it('closed on its disconnect, it does not wait for a reconnect', async () => {
    const events = await tells((client) => {
      client.on('disconnected', () => void client.close());
    }, true);
    expect(events).toEqual(['connecting', 'disconnected connect-failed', 'stopped']);
  });

  it('closed on the step of its rejection, it does not emit the rejection', async () => {
    const events = await tells(
      (client) => {
        client.on('step', ({ name }) => name === 'EventError' && void client.close());
      },
      false,
      () => false,
    );
    expect(events).toEqual(['connecting', 'disconnected client-closed', 'stopped']);
  });
  it('closed on the step of its registration, it does not emit the registration', async () => {
    const events = await tells((client) => {
      client.on('step', ({ name }) => name === 'EventAck' && void client.close());
    });
    expect(events).toEqual(['connecting', 'disconnected client-closed', 'stopped']);
  });
});
