import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../adapters/client/index.js';
import type { GateServer } from '../../adapters/server/index.js';

interface Service {
  readonly server: Server;
  readonly gate: GateServer;
  close(): Promise<void>;
}

const token = 'correct-horse-battery-staple';
let service: Service | null = null;
afterEach(() => service?.close());

async function addressOf(name: string): Promise<string> {
  const path = new URL(`../../examples/${name}/service.mjs`, import.meta.url).href;
  const { buildService } = await import(path);
  const built: Service = await buildService({ port: 0, adminToken: token });
  service = built;
  const { server } = built;
  if (server.address() === null) server.listen(0, '127.0.0.1');
  if (!server.listening) await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(['express-service', 'hono-service'])('the gate inside the example %s', (name) => {
  it('registers clients, handles their messages, has routes and the admin, and drains', async () => {
    const host = await addressOf(name);
    const client = createClient({
      endpoints: `ws://${host}/clients`,
      clientName: 'desk-1',
      clientType: 'AgentApplication',
    });
    await client.registered;
    const ack = await client.request({ messageName: 'RequestAgentLogin', agentId: '1001' });
    expect(ack).toMatchObject({ messageName: 'EventAck', agentId: '1001' });
    expect(await (await fetch(`http://${host}/agents`)).json()).toEqual(['1001']);
    expect((await fetch(`http://${host}/nothing`)).status).toBe(404);
    expect((await fetch(`http://${host}/ixgate/readyz`)).status).toBe(200);
    const sessions = await fetch(`http://${host}/ixgate/sessions?token=${token}`);
    expect(await sessions.json()).toMatchObject({ count: 1 });
    const lost = once(client, 'disconnected');
    await service?.close();
    await lost;
    await client.close();
    await expect(fetch(`http://${host}/agents`)).rejects.toThrow();
  });
});
