import { describe, expect, it } from 'vitest';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import type { RunnerName } from '../../adapters/server/runners.js';
import type { StepRecord } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type LineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const other = { messageName: 'RequestAgentLogin', referenceId: 2 };
const unknown = registerRequest({ clientName: 'nobody', referenceId: 3 });

/** What clients do that come into every configuration of the chart. */
const clients: Record<string, (client: LineClient) => Promise<unknown>> = {
  'registers, registers again, asks and leaves': async (client) => {
    await client.ask(registerRequest());
    await client.ask(registerRequest({ referenceId: 2 }));
    await client.ask(other);
    client.socket.end();
    return client.ended;
  },
  'says something else, is refused and registers after all': async (client) => {
    await client.ask(other);
    await client.ask(unknown);
    return client.ask(registerRequest());
  },
  'says nothing until its time is over': (client) => client.ended,
  'is refused until its time is over': async (client) => {
    await client.ask(unknown);
    return client.ended;
  },
  'sends what is no message': async (client) => {
    await client.ask('no message\n');
    return client.ended;
  },
};

/** What a step says that does not depend on when and where it was taken. */
function ofStep({ at, elapsed, deadline, session, payload, ...rest }: StepRecord) {
  return { ...rest, runs: deadline !== null, message: payload };
}

const options: ServerOptions = {
  registrationTimeout: 60,
  rejectionTimeout: 40,
  validator: ({ clientName }) => clientName !== 'nobody',
  onMessage: ({ reply }) => void reply.ack(),
};

/** Closes the gate, which its clients have to let happen. */
async function close(server: GateServer, client: LineClient): Promise<void> {
  const closed = server.close();
  client.socket.destroy();
  await closed;
}

async function stepsOf(runner: RunnerName, client: (client: LineClient) => Promise<unknown>) {
  const { server, client: connected } = await openGate({ ...options, runner });
  const steps: StepRecord[] = [];
  server.on('step', (step) => steps.push(step));
  const one = await connected();
  await client(one);
  await close(server, one);
  return steps;
}

describe('an XState actor and the compiled table take the same steps', () => {
  it.each(Object.entries(clients))('for a client that %s', async (_what, client) => {
    const [byActor, byTable] = [await stepsOf('actor', client), await stepsOf('table', client)];
    expect(byTable.length).toBeGreaterThan(1);
    expect(byTable.map(ofStep)).toEqual(byActor.map(ofStep));
  });

  it('and there is no third', async () => {
    const wrong = createServer({ runner: 'tables' as RunnerName });
    await expect(wrong).rejects.toThrow('option runner: expected actor or table, not "tables"');
  });
});

describe('steps', () => {
  it('are numbered from the start of a session, though nobody read the first', async () => {
    const { server, client } = await openGate();
    const one = await client();
    await one.ask(registerRequest());
    const steps: StepRecord[] = [];
    server.on('step', (step) => steps.push(step));
    await one.ask(registerRequest({ referenceId: 2 }));
    expect(steps.map(({ seq, name }) => [seq, name])).toEqual([
      [4, 'RequestRegisterClient'],
      [5, 'EventError'],
    ]);
  });
});

describe('a session that an XState actor is to run from now on', () => {
  /** Two steps of the way, the change, and what follows; against one that is left alone. */
  async function changed(when: (client: LineClient) => Promise<unknown>, isMoved: boolean) {
    const { server, client } = await openGate({ ...options, registrationTimeout: 5_000 });
    const steps: StepRecord[] = [];
    server.on('step', (step) => steps.push(step));
    const one = await client();
    await when(one);
    const [info] = server.sessions();
    const session = server.session(info?.id ?? '');
    if (isMoved) session?.runByActor();
    const before = steps.length;
    const after = server.sessions();
    await one.ask(other);
    await one.ask(registerRequest({ referenceId: 9 }));
    await close(server, one);
    return { info, after: after[0], before, steps: steps.map(ofStep) };
  }

  it.each([
    ['has said nothing', async (client: LineClient) => client.say('\n')],
    ['was refused', (client: LineClient) => client.ask(unknown)],
    ['is registered', (client: LineClient) => client.ask(registerRequest())],
  ])('goes on where it was, when it %s', async (_when, when) => {
    const [moved, left] = [await changed(when, true), await changed(when, false)];
    expect(moved.after?.state).toBe(left.after?.state);
    expect(moved.steps).toEqual(left.steps);
  });

  it('goes where the step leads in which it was asked for', async () => {
    const { server, client } = await openGate(options);
    server.on('registered', ({ id }) => server.session(id)?.runByActor());
    const one = await client();
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(server.sessions()).toMatchObject([{ state: 'registered', deadline: null }]);
    expect(await one.ask(other)).toMatchObject({ messageName: 'EventAck', referenceId: 2 });
    await close(server, one);
  });

  it('keeps its deadline: it comes when it would have come', async () => {
    const { server, client } = await openGate({ registrationTimeout: 600 });
    const started = performance.now();
    const one = await client();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const [info] = server.sessions();
    server.session(info?.id ?? '')?.runByActor();
    expect(server.sessions()[0]?.deadline).toBeLessThan(210);
    expect(await one.next()).toBeNull();
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(590);
    expect(took).toBeLessThan(900);
  });

  it('changes within a step when that is done, as whoever hears of it may ask for it', async () => {
    const { server, client } = await openGate(options);
    const steps: StepRecord[] = [];
    server.on('step', (step) => {
      server.session(step.session)?.runByActor();
      steps.push(step);
    });
    const one = await client();
    await one.ask(other);
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(steps.map(({ to }) => to).slice(0, 5)).toEqual([
      'awaiting/registration',
      'refusing/registration',
      'awaiting/rejection',
      'validating/rejection',
      'registered',
    ]);
  });
});
