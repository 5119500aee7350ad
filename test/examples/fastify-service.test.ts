import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GateServer } from '../../adapters/server/index.js';
import { lineClient, registerRequest } from '../support/line-client.js';

interface Service {
  app: {
    inject(path: string): Promise<{ json(): unknown }>;
    close(): Promise<void>;
  };
  gate: GateServer;
}

let service: Service;
const login = { messageName: 'RequestAgentLogin', referenceId: 2, agentId: '1001' };
const agents = async () => (await service.app.inject('/agents')).json();
const desk = async (clientName: string) => {
  const client = await lineClient(service.gate.endpoints[0]?.port ?? 0);
  await client.ask(registerRequest({ clientName }));
  return client;
};

describe('the gate inside a Fastify service', () => {
  beforeEach(async () => {
    const { buildService } = await import(
      new URL('../../examples/fastify-service/service.mjs', import.meta.url).href
    );
    service = await buildService({ listen: ['tcp://127.0.0.1:0'] });
  });
  afterEach(() => service.app.close());

  it('logs agents of registered clients in and out, and shows them over HTTP', async () => {
    await using client = await desk('desk-1');
    expect(await client.ask(login)).toEqual({
      messageName: 'EventAck',
      referenceId: 2,
      agentId: '1001',
    });
    expect(await agents()).toEqual([{ agentId: '1001', clientName: 'desk-1' }]);
    const logout = { ...login, messageName: 'RequestAgentLogout', referenceId: 3 };
    expect(await client.ask(logout)).toMatchObject({ messageName: 'EventAck', referenceId: 3 });
    expect(await agents()).toEqual([]);
  });

  it.each([
    [{ ...login, agentId: undefined }, 13],
    [{ ...login, agentId: '' }, 13],
    [{ ...login, messageName: 'RequestAgentLogout' }, 103],
    [{ ...login, messageName: 'RequestSubmit' }, 199],
  ])('answers %j with EventError %d', async (message, errorCode) => {
    await using client = await desk('desk-1');
    expect(await client.ask(message)).toMatchObject({
      messageName: 'EventError',
      referenceId: 2,
      errorCode,
    });
  });

  it('rejects an agent who is at another desk, and accepts the agent when that desk has disconnected', async () => {
    const first = await desk('desk-1');
    await using second = await desk('desk-2');
    await first.ask(login);
    expect(await second.ask(login)).toMatchObject({
      errorCode: 102,
      errorDescription: '1001 is at desk-1',
    });
    const left = new Promise((resolve) => service.gate.once('disconnected', resolve));
    first.socket.end();
    await left;
    expect(await second.ask(login)).toMatchObject({ messageName: 'EventAck' });
  });

  it('never gets messages of a client before it has registered', async () => {
    await using client = await lineClient(service.gate.endpoints[0]?.port ?? 0);
    expect(await client.ask(login)).toMatchObject({ errorCode: 1 });
    expect(await agents()).toEqual([]);
  });

  it('notifies its clients when it closes', async () => {
    await using client = await desk('desk-1');
    const closing = service.app.close();
    expect(await client.next()).toMatchObject({ errorCode: 7 });
    client.socket.end();
    await closing;
  });
});
