import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createClient, type GateClient } from '../../../adapters/client/index.js';
import {
  createServer,
  type GateServer,
  invalid,
  type ServerOptions,
} from '../../../adapters/server/index.js';
import type { StepRecord } from '../../../machines/index.js';
import { searchOf } from '../../../machines/registration/product/check.js';
import { type LineClient, lineClient, registerRequest } from '../../support/line-client.js';
import { followed } from './explained.js';

const search = searchOf({ bound: 2 });
const request = { messageName: 'RequestAgentLogin' };
const refusing: ServerOptions = { validator: () => invalid('unknown name') };

interface Recorded {
  readonly server: StepRecord[];
  readonly client: StepRecord[] | null;
}

/** A gate whose service acknowledges everything, until `play` is done; and what its sessions recorded. */
async function recordedBy(
  options: ServerOptions,
  play: (gate: GateServer, port: number) => Promise<StepRecord[] | null>,
): Promise<Recorded> {
  const server: StepRecord[] = [];
  const gate = await createServer({
    listen: ['tcp://127.0.0.1:0'],
    onMessage: ({ reply }) => void reply.ack(),
    ...options,
  });
  gate.on('step', (step) => server.push(step));
  try {
    return { server, client: await play(gate, gate.endpoints[0]?.port ?? 0) };
  } finally {
    await gate.close();
  }
}

/** A client of ours, until `play` is done. */
function withDesk(
  options: ServerOptions,
  play: (desk: GateClient, gate: GateServer) => Promise<unknown>,
  replyTimeout = 30_000,
): Promise<Recorded> {
  return recordedBy(options, async (gate, port) => {
    const steps: StepRecord[] = [];
    const desk = createClient({
      endpoints: `tcp://127.0.0.1:${port}`,
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      replyTimeout,
      reconnect: { maxAttempts: 1 },
    });
    desk.registered.catch(() => {});
    desk.on('step', (step) => steps.push(step));
    await play(desk, gate);
    await desk.close();
    return steps;
  });
}

/** A client with nothing of ours in it, until `play` is done. */
function withStranger(
  options: ServerOptions,
  play: (client: LineClient, gate: GateServer) => Promise<unknown>,
): Promise<Recorded> {
  return recordedBy(options, async (gate, port) => {
    await using client = await lineClient(port);
    const over = once(gate, 'disconnected');
    await play(client, gate);
    client.socket.end();
    await over;
    return null;
  });
}

function expectSession({ server, client }: Recorded, ...kinds: string[]): void {
  const said = [...server, ...(client ?? [])].map(({ name, reason }) => reason ?? name);
  for (const kind of kinds) expect(said).toContain(kind);
  expect(followed(search, server, client)).toEqual({
    server: server.length,
    client: client?.length ?? 0,
  });
}

describe('what a real server and a real client record is a session of the model', () => {
  it('when the client registers, is served, registers again and leaves', async () => {
    const recorded = await withDesk({}, async (desk, gate) => {
      await desk.registered;
      await desk.request(request);
      const again = desk.request(registerRequest({ referenceId: 9 }) as never);
      await expect(again).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
      const heard = once(desk, 'event');
      const [{ id } = { id: '' }] = gate.sessions();
      gate.session(id)?.send({ messageName: 'EventAgentLogin' });
      await heard;
    });
    expectSession(recorded, 'EventAck', 'EventError', 'EventAgentLogin', 'client-closed');
  });

  it('when the client is refused', async () => {
    const recorded = await withDesk(refusing, async (desk) => {
      await once(desk, 'disconnected');
    });
    expectSession(recorded, 'EventError', 'peer-closed');
  });

  it('when the server shuts down, registered or not', async () => {
    const registered = await withDesk({}, async (desk, gate) => {
      await desk.registered;
      // The gate may be closed before the client has read the end of its connection.
      const disconnected = once(desk, 'disconnected');
      await gate.close();
      await disconnected;
    });
    expectSession(registered, 'EventAck', 'drained', 'peer-closed');
    const validating = await withDesk(
      { validator: () => new Promise(() => {}) },
      async (desk, gate) => {
        await once(desk, 'step');
        await gate.close();
      },
    );
    expectSession(validating, 'drained');
  });

  it('when the server does not answer in time', async () => {
    const silent: ServerOptions = { validator: () => new Promise(() => {}) };
    const recorded = await withDesk(silent, (desk) => desk.registered.catch(() => {}), 50);
    expectSession(recorded, 'reply-timeout');
  });

  it('when the connection breaks', async () => {
    const recorded = await withDesk({}, async (desk, gate) => {
      await desk.registered;
      const [{ id } = { id: '' }] = gate.sessions();
      const over = once(desk, 'disconnected');
      gate.session(id)?.destroy();
      await over;
    });
    expectSession(recorded, 'EventAck');
  });
});

describe('what a real server records of any client is a session of the model', () => {
  it('when it says everything at once, and then waits for the deadline', async () => {
    const recorded = await withStranger({ rejectionTimeout: 100, ...refusing }, async (client) => {
      const all = [request, registerRequest(), request, registerRequest()];
      client.say(all.map((message) => `${JSON.stringify(message)}\n`).join(''));
      for (const _ of all) await client.next();
      await client.ended;
    });
    expectSession(recorded, 'RequestAgentLogin', 'EventError', 'rejection-timeout');
  });

  it('when it says nothing', async () => {
    const recorded = await withStranger({ registrationTimeout: 50 }, (client) => client.ended);
    expectSession(recorded, 'registration-timeout');
  });

  it('when it sends an invalid frame', async () => {
    const recorded = await withStranger({}, async (client) => {
      client.say('not JSON\n');
      await client.ended;
    });
    expectSession(recorded, 'EventError', 'protocol-error');
  });

  it('but not when the server does what the chart forbids', async () => {
    const { server } = await withDesk({}, (desk) => desk.registered);
    const [connected, asked, granted] = server as [StepRecord, StepRecord, StepRecord];
    const unsolicited = [connected, { ...granted, from: 'awaiting/registration' as const }];
    expect(followed(search, unsolicited, null).server).toBe(1);
    expect(followed(search, [connected, asked, granted], null).server).toBe(3);
  });
});
