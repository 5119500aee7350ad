import { describe, expect, it } from 'vitest';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import type { RunnerName } from '../../adapters/server/runners.js';
import type { StepRecord } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type LineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const other = { messageName: 'RequestAgentLogin', referenceId: 2 };
const unknown = registerRequest({ clientName: 'unknown', referenceId: 3 });

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
  'sends an invalid frame': async (client) => {
    await client.ask('no message\n');
    return client.ended;
  },
};

/** What a step says that does not depend on when and where it was taken. */
function ofStep({ at, elapsed, deadline, session, payload, ...rest }: StepRecord) {
  return { ...rest, runs: deadline !== null, message: payload };
}

/** Milliseconds; without effect for clients that do not wait for them. */
const short: ServerOptions = { registrationTimeout: 60, rejectionTimeout: 40 };
const options: ServerOptions = {
  validator: ({ clientName }) => clientName !== 'unknown',
  onMessage: ({ reply }) => void reply.ack(),
};

/** Closes the gate, which its clients have to let happen. */
async function close(server: GateServer, client: LineClient): Promise<void> {
  const closed = server.close();
  client.socket.destroy();
  await closed;
}

async function stepsOf(runner: RunnerName, what: string) {
  const deadlines = what.endsWith('until its time is over') ? short : {};
  const { server, client: connected } = await openGate({ ...options, ...deadlines, runner });
  const steps: StepRecord[] = [];
  server.on('step', (step) => steps.push(step));
  const one = await connected();
  await clients[what]?.(one);
  await close(server, one);
  return steps;
}

describe('an XState actor and the compiled table take the same steps', () => {
  it.each(Object.keys(clients))('for a client that %s', async (what) => {
    const [byActor, byTable] = [await stepsOf('actor', what), await stepsOf('table', what)];
    expect(byTable.length).toBeGreaterThan(1);
    expect(byTable.map(ofStep)).toEqual(byActor.map(ofStep));
  });

  it('and there is no third', async () => {
    const wrong = createServer({ runner: 'tables' as RunnerName });
    await expect(wrong).rejects.toThrow('option runner: expected actor or table, not "tables"');
  });
});

describe('steps', () => {
  it('are numbered from the start of a session, even if the first are not read', async () => {
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
