/** Clients over a restart of their gate and an outage of the web service that validates them. */
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createClient } from '../../adapters/client/index.js';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { createServer } from '../../adapters/server/index.js';
import { webhook } from '../../adapters/validators/index.js';

/** Answers every question with yes. */
async function webService(port = 0): Promise<Server> {
  const server = createHttpServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end('{"valid":true,"cap":1}');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** The longest wait of a client, in milliseconds, and what a registration of all of them may take on a busy machine. */
const maxDelay = 500;
const work = 5_000;

it('T68: 200 clients are all back after a restart of the gate and an outage of its web service, and none stopped', async () => {
  const service = await webService();
  const { port } = service.address() as AddressInfo;
  const validator = webhook(`http://127.0.0.1:${port}/`, { timeout: 2_000 });
  const first = await createServer({ listen: ['tcp://127.0.0.1:0'], validator });
  const [endpoint] = first.endpoints;
  if (!endpoint) throw new Error('the gate has no endpoint');
  const errors = new Set<string | null>();
  const stopped: unknown[] = [];
  const clients = Array.from({ length: 200 }, (_, index) => {
    const client = createClient({
      endpoints: formatEndpoint(endpoint),
      clientName: `desk-${index}`,
      clientType: 'AgentApplication',
      reconnect: { initialDelay: 50, maxDelay, spread: maxDelay },
    });
    client.on('refused', ({ errorName }) => errors.add(errorName));
    client.on('stopped', (error) => stopped.push(error));
    return client;
  });
  await Promise.all(clients.map((client) => client.registered));

  await stop(service);
  await first.close();
  await using second = await createServer({ listen: [endpoint], validator });
  // The server has refused every client once because it could not validate it.
  await Promise.all(clients.map((client) => once(client, 'refused')));
  const back = clients.map((client) => once(client, 'registered'));
  const start = performance.now();
  const restarted = await webService(port);
  await Promise.all(back);
  expect(performance.now() - start).toBeLessThan(maxDelay + work);
  expect(errors).toContain('validation-failed');
  expect(stopped).toEqual([]);
  expect(clients.every(({ state }) => state === 'online')).toBe(true);
  expect(second.counts().registered).toBe(200);
  await Promise.all(clients.map((client) => client.close()));
  await stop(restarted);
});
