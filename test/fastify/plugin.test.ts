import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type GatePluginOptions, gatePlugin } from '../../adapters/fastify/index.js';
import { createServer, type GateServer } from '../../adapters/server/index.js';
import { TestViewer } from '../feed/watched-gate.js';
import { FrameClient } from '../support/frame-client.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

function newApp(): FastifyInstance {
  const app = fastify();
  apps.push(app);
  return app;
}

async function listening(app: FastifyInstance): Promise<string> {
  return (await app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws');
}

const token = 'correct-horse-battery-staple';
const login = { messageName: 'RequestAgentLogin', referenceId: 2, agentId: '1001' };
const echo: GatePluginOptions = {
  path: '/clients',
  gate: { onMessage: ({ message, reply }) => void reply.ack({ agentId: message.agentId }) },
};

describe('The gate as a Fastify plugin', () => {
  it('registers clients on its path, beside routes and the WebSockets of @fastify/websocket', async () => {
    const app = newApp();
    await app.register(gatePlugin, echo);
    await app.register(websocket);
    app.get('/hello', async () => `${app.gate.sessions().length} sessions`);
    app.get('/echo', { websocket: true }, (socket) => {
      socket.on('message', (data) => socket.send(data.toString()));
    });
    const url = await listening(app);
    await using client = await FrameClient.open(`${url}/clients`);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(await client.ask(login)).toMatchObject({ messageName: 'EventAck', agentId: '1001' });
    expect((await app.inject('/hello')).body).toBe('1 sessions');
    await using other = await FrameClient.open(`${url}/echo`);
    expect(await other.ask({ echo: 1 })).toEqual({ echo: 1 });
    await expect(FrameClient.open(`${url}/nothing`)).rejects.toThrow('404');
    expect((await app.inject('/clients')).statusCode).toBe(404);
  });

  it('registers clients over TCP too, and belongs to the whole service', async () => {
    const app = newApp();
    await app.register(gatePlugin, { gate: { listen: ['tcp://127.0.0.1:0'] } });
    await app.register(async (child) => {
      child.get('/port', async () => child.gate.endpoints[0]?.port);
    });
    const port = Number((await app.inject('/port')).body);
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  it('takes a gate that exists', async () => {
    const gate = await createServer();
    const app = newApp();
    await app.register(gatePlugin, { gate, path: '/clients' });
    expect(app.gate).toBe(gate);
    await using client = await FrameClient.open(`${await listening(app)}/clients`);
    await client.ask(registerRequest());
    expect(gate.sessions()).toHaveLength(1);
  });

  it('drains before @fastify/websocket cuts: clients on its path and those that a route accepted can finish', async () => {
    const app = newApp();
    await app.register(gatePlugin, { ...echo, drainMs: 20_000 });
    await app.register(websocket);
    app.get('/route', { websocket: true }, (socket, request) => {
      app.gate.accept(socket, { request: request.raw });
    });
    const url = await listening(app);
    const clients = await Promise.all(
      ['/clients', '/route'].map((path) => FrameClient.open(`${url}${path}`)),
    );
    for (const [index, client] of clients.entries()) {
      const request = registerRequest({ clientName: `desk-${index}` });
      expect(await client.ask(request)).toMatchObject({ messageName: 'EventAck' });
    }
    const start = performance.now();
    const closed = app.close();
    for (const client of clients) {
      expect(await client.next()).toMatchObject({
        messageName: 'EventError',
        errorDescription: expect.stringContaining('shutting down'),
      });
      expect(await client.ask(login)).toMatchObject({ messageName: 'EventAck', agentId: '1001' });
      client.socket.close();
    }
    await closed;
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('disconnects clients that do not leave in time, and Fastify closes', async () => {
    const app = newApp();
    await app.register(gatePlugin, { ...echo, drainMs: 50 });
    const client = await FrameClient.open(`${await listening(app)}/clients`);
    await client.ask(registerRequest());
    await app.close();
    expect(await client.closed).toBeGreaterThan(0);
  });

  it('is refused after @fastify/websocket, with what to do', async () => {
    const app = newApp();
    await app.register(websocket);
    await expect(app.register(gatePlugin, echo)).rejects.toMatchObject({
      code: 'PLUGIN_ORDER',
      message: expect.stringContaining('register ixgate/fastify first'),
    });
  });
});

describe('Its admin', () => {
  it('is on the server of the service, after the checks of the service', async () => {
    const app = newApp();
    let isAllowed = true;
    app.addHook('preHandler', async (_request, reply) => {
      if (!isAllowed) await reply.code(403).send('not for you');
    });
    await app.register(gatePlugin, { ...echo, admin: { token } });
    const url = await listening(app);
    const http = url.replace('ws', 'http');
    const statusOf = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${http}${path}`, init)).status;
    const headers = { authorization: `Bearer ${token}` };
    expect(await statusOf('/ixgate/readyz')).toBe(200);
    expect(await statusOf('/ixgate')).toBe(200);
    expect(await statusOf('/ixgate/sessions')).toBe(401);
    expect(await statusOf('/ixgate/sessions', { headers })).toBe(200);
    const signIn = { origin: http, 'ixgate-token': token };
    expect(await statusOf('/ixgate/sign-in', { method: 'POST', headers: signIn })).toBe(204);
    const viewer = await TestViewer.open(`${url}/ixgate/feed`, { headers });
    expect(viewer.messages[0]?.type).toBe('hello');
    isAllowed = false;
    expect(await statusOf('/ixgate/sessions', { headers })).toBe(403);
    await app.close();
    expect(viewer.all('stopping')).toHaveLength(1);
    expect(await viewer.closed).toBe(1001);
  });
});

describe('What it refuses', () => {
  it.each<[string, object, string]>([
    ['an unknown option', { pathh: '/x' }, 'unknown option pathh; did you mean path?'],
    ['a wrong drain time', { drainMs: -1 }, 'option drainMs: expected a whole number'],
    ['a wrong path', { path: 'clients' }, 'option path: expected a path such as'],
    ['a wrong gate', { gate: 'tcp://127.0.0.1:0' }, 'option gate: expected a GateServer'],
    ['an unknown option of the gate', { gate: { lissen: [] } }, 'did you mean listen?'],
    ['an admin without a token', { admin: {} }, 'option token: expected 16 to 512'],
  ])('%s, and leaves nothing open', async (_what, options, text) => {
    const app = newApp();
    await expect(app.register(gatePlugin, options as GatePluginOptions)).rejects.toThrow(text);
    expect(app.hasDecorator('gate')).toBe(false);
  });

  it('an endpoint that is taken, and closes a gate whose path is wrong', async () => {
    await using taken = await createServer({ listen: ['tcp://127.0.0.1:0'] });
    const { port } = taken.endpoints[0] ?? {};
    const app = newApp();
    await expect(
      app.register(gatePlugin, { gate: { listen: [`tcp://127.0.0.1:${port}`] } }),
    ).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
    const gate: GateServer = await createServer();
    const other = newApp();
    await expect(other.register(gatePlugin, { gate, path: 'x' })).rejects.toThrow('option path');
    expect(gate.isClosing).toBe(true);
  });
});
