import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type Admin, type AdminOptions, createAdmin } from '../../adapters/admin/index.js';
import { createServer, type GateServer } from '../../adapters/server/index.js';
import { TestViewer } from '../feed/watched-gate.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const token = 'correct-horse-battery-staple';
const bearer = { authorization: `Bearer ${token}` };
const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

async function openGate(): Promise<GateServer> {
  const gate = await createServer({ listen: ['tcp://127.0.0.1:0'] });
  toClose.push(() => gate.close());
  return gate;
}

async function openAdmin(options: Partial<AdminOptions> = {}, gate?: GateServer): Promise<Admin> {
  const admin = createAdmin(gate ?? (await openGate()), { token, ...options });
  toClose.push(() => admin.close());
  return admin;
}

async function listening(server: Server): Promise<string> {
  // Viewers keep it open until the admin closes.
  toClose.push(() => void server.close());
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An admin as the only listener of an HTTP server. */
async function plain(options: Partial<AdminOptions> = {}, gate?: GateServer) {
  const admin = await openAdmin(options, gate);
  const server = createHttpServer(admin.handler);
  server.on('upgrade', (request, socket, head) => {
    if (!admin.upgrade(request, socket, head)) socket.end('HTTP/1.1 418 Mine\r\n\r\n');
  });
  return { admin, url: await listening(server) };
}

/** A request with headers that fetch would not let through. */
async function ask(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const request = httpRequest(url, { method, headers, agent: false }).end();
  const [response] = await once(request, 'response');
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) body += chunk;
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string>,
    body,
  };
}

/** What every way to embed it must answer. */
async function expectAdmin(url: string): Promise<void> {
  expect((await ask(`${url}/healthz`)).body).toBe('{"status":"ok"}\n');
  expect((await ask(`${url}/readyz`)).status).toBe(200);
  expect((await ask(`${url}/metrics`)).status).toBe(401);
  const metrics = await ask(`${url}/metrics`, bearer);
  expect(metrics.body).toContain('ixgate_connections_accepted_total 0');
  expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect((await ask(`${url}/sessions?token=${token}`)).body).toBe('{"count":0,"sessions":[]}\n');
  const page = await ask(`${url}/`, { accept: 'text/html' });
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['x-frame-options']).toBe('DENY');
  const [, script] = /src="\.\/(assets\/[^"]+\.js)"/.exec(page.body) ?? [];
  expect((await ask(`${url}/${script}`)).headers['content-type']).toMatch(/^text\/javascript/);
  // The page finds its files beside itself, so it needs the slash.
  const bare = await ask(`${url}?theme=dark`);
  expect(bare.status).toBe(308);
  expect(new URL(bare.headers.location ?? '', url).href).toBe(`${url}/?theme=dark`);
  expect((await ask(`${url}/nothing`)).status).toBe(404);
  expect((await ask(`${url}/sessions`, {}, 'DELETE')).status).toBe(405);
  const head = await ask(`${url}/healthz`, {}, 'HEAD');
  expect(head).toMatchObject({ status: 200, body: '' });
  expect(head.headers['content-length']).toBe('16');
  const origin = new URL(url).origin;
  const signIn = await ask(`${url}/sign-in`, { origin, 'ixgate-token': token }, 'POST');
  expect(signIn.status).toBe(204);
  const [cookie = ''] = signIn.headers['set-cookie'] ?? [];
  expect((await ask(`${url}/sessions`, { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
}

describe('The admin in a web server of the service', () => {
  it('answers below its base in a server of node:http, and other paths get 404', async () => {
    const { url } = await plain({ base: '/ops/gate' });
    await expectAdmin(`${url}/ops/gate`);
    expect(await ask(`${url}/metrics`, bearer)).toMatchObject({
      status: 404,
      body: expect.stringContaining('expected /ops/gate/'),
    });
    expect((await ask(`${url}/ops/gateway/`)).status).toBe(404);
  });

  it('answers at the root where its base is /', async () => {
    const { url, admin } = await plain({ base: '/' });
    expect(admin.base).toBe('');
    expect((await ask(`${url}/healthz`)).status).toBe(200);
    expect((await ask(`${url}/sessions`, bearer)).status).toBe(200);
  });

  it.each([
    ['in front of all routes', undefined],
    ['mounted at its base', '/ixgate'],
  ])('answers in Express, %s, and leaves other paths to the service', async (_how, at) => {
    const admin = await openAdmin();
    const app = express();
    if (at === undefined) app.use(admin.handler);
    else app.use(at, admin.handler);
    app.get('/hello', (_request, response) => void response.send('hello'));
    const url = await listening(createHttpServer(app));
    await expectAdmin(`${url}/ixgate`);
    expect((await ask(`${url}/hello`)).body).toBe('hello');
  });

  it('answers requests of the Fetch API, e.g. in Hono', async () => {
    const admin = await openAdmin();
    const app = new Hono();
    app.all('/ixgate/*', ({ req }) => admin.fetch(req.raw));
    app.get('/hello', (context) => context.text('hello'));
    const url = await listening(
      serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server,
    );
    await expectAdmin(`${url}/ixgate`);
    expect((await ask(`${url}/hello`)).body).toBe('hello');
    const feed = await admin.fetch(new Request(`${url}/ixgate/feed`, { headers: bearer }));
    expect(feed.status).toBe(426);
    expect((await admin.fetch(new Request(`${url}/other`))).status).toBe(404);
  });

  it('limits requests for sessions and metrics by the address of the client', async () => {
    const admin = await openAdmin();
    const statuses = async (address: string | undefined) => {
      const asked = Array.from({ length: 60 }, () =>
        admin.fetch(
          new Request('http://gate.example/ixgate/sessions', { headers: bearer }),
          ...(address === undefined ? [] : [{ remoteAddress: address }]),
        ),
      );
      const all = (await Promise.all(asked)).map(({ status }) => status);
      return all.filter((status) => status === 200).length;
    };
    expect(await statuses('192.0.2.1')).toBeLessThan(60);
    expect(await statuses('192.0.2.2')).toBeGreaterThanOrEqual(40);
    expect(await statuses(undefined)).toBeLessThan(60);
  });
});

describe('Its feed', () => {
  it('sends sessions and their steps to viewers with the token, and leaves other upgrades alone', async () => {
    const gate = await openGate();
    const { url, admin } = await plain({}, gate);
    const ws = `${url.replace('http', 'ws')}/ixgate/feed`;
    await expect(TestViewer.open(ws)).rejects.toThrow();
    const viewer = await TestViewer.open(ws, { headers: bearer });
    expect(viewer.messages[0]).toMatchObject({
      type: 'hello',
      delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
    });
    viewer.say({ type: 'list' });
    await using client = await lineClient(gate.endpoints[0]?.port ?? 0);
    await client.ask(registerRequest());
    await viewer.until(() => [...viewer.list.values()].some((one) => one.state === 'registered'));
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    expect((await ask(`${url}/mine`, upgrade)).status).toBe(418);
    admin.close();
    expect(await viewer.closed).toBe(1001);
  });

  it('is attached to a server beside its other WebSockets, until the admin closes', async () => {
    const admin = await openAdmin();
    const server = createHttpServer(admin.handler);
    // Another listener that answers every upgrade, as that of ws with a path does.
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 418 Mine\r\n\r\n'));
    admin.attach(server);
    const url = await listening(server);
    const ws = `${url.replace('http', 'ws')}/ixgate/feed`;
    const viewer = await TestViewer.open(ws, { headers: bearer });
    await expect(TestViewer.open(ws)).rejects.toThrow();
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    expect((await ask(`${url}/ixgate/other`, upgrade)).status).toBe(418);
    expect(() => admin.attach(server)).toThrow('/ixgate/feed, which is attached');
    expect(() => admin.attach(express() as unknown as Server)).toThrow('option server: expected');
    admin.close();
    expect(await viewer.closed).toBe(1001);
    expect((await ask(`${url}/ixgate/feed`, upgrade)).status).toBe(418);
  });

  it('tells new viewers the deadlines in force', async () => {
    const gate = await openGate();
    const { url } = await plain({ token: false }, gate);
    gate.reconfigure({ registrationTimeout: 7_000 });
    const viewer = await TestViewer.open(`${url.replace('http', 'ws')}/ixgate/feed`);
    expect(viewer.messages[0]).toMatchObject({
      delays: { registrationTimeout: 7_000, rejectionTimeout: 5_000 },
    });
  });

  it('is not there with feed: false, and costs nothing then', async () => {
    const gate = await openGate();
    const { url } = await plain({ feed: false }, gate);
    expect((await ask(`${url}/ixgate/feed`, bearer)).status).toBe(404);
    expect(JSON.parse((await ask(`${url}/ixgate/recordings.json`)).body).gate).toBe(false);
    expect(gate.listenerCount('disconnected')).toBe(0);
  });

  it('keeps what its limits say', async () => {
    const gate = await openGate();
    const { url } = await plain({ feed: { sessions: 1 } }, gate);
    for (const clientName of ['desk-1', 'desk-2']) {
      const client = await lineClient(gate.endpoints[0]?.port ?? 0);
      await client.ask(registerRequest({ clientName }));
      client.socket.destroy();
      await expect.poll(() => gate.sessions().length).toBe(0);
    }
    const viewer = await TestViewer.open(`${url.replace('http', 'ws')}/ixgate/feed`, {
      headers: bearer,
    });
    viewer.say({ type: 'list' });
    await viewer.until(() => viewer.totals !== undefined);
    expect([...viewer.list.values()].map((one) => one.clientName)).toEqual(['desk-2']);
  });

  it('tells viewers and /readyz that the gate shuts down, before it does', async () => {
    const { url, admin } = await plain();
    const viewer = await TestViewer.open(`${url.replace('http', 'ws')}/ixgate/feed`, {
      headers: bearer,
    });
    admin.announceStop();
    await viewer.first('stopping');
    expect(await ask(`${url}/ixgate/readyz`)).toMatchObject({
      status: 503,
      body: expect.stringContaining('the gate is shutting down'),
    });
  });
});

describe('Without a token', () => {
  const statusFor = async (url: string, path: string, host: string) =>
    (await ask(`${url}/ixgate${path}`, { host })).status;

  it('it answers requests for this machine, addresses and allowed names, because other names may be DNS rebinding', async () => {
    const { url } = await plain({
      token: false,
      allowedHosts: ['Gate.example'],
      publicUrl: 'https://ops.example/gate/',
    });
    for (const host of ['localhost:1', '127.0.0.1', '[::1]', '10.1.2.3:80', 'gate.example:8080'])
      expect(await statusFor(url, '/sessions', host), host).toBe(200);
    expect(await statusFor(url, '/sessions', 'ops.example')).toBe(200);
    for (const path of ['/sessions', '/metrics', '/', '/feed'])
      expect(await statusFor(url, path, 'evil.example'), path).toBe(403);
    for (const path of ['/healthz', '/readyz'])
      expect(await statusFor(url, path, 'evil.example'), path).toBe(200);
  });

  it('a feed is closed to pages of other origins', async () => {
    const { url } = await plain({ token: false });
    const ws = `${url.replace('http', 'ws')}/ixgate/feed`;
    await expect(TestViewer.open(ws, { origin: 'https://evil.example' })).rejects.toThrow();
    await expect(TestViewer.open(ws, { headers: { host: 'evil.example' } })).rejects.toThrow();
    await TestViewer.open(ws, { origin: url });
  });
});

describe('A registry of the service', () => {
  it('gets the metrics of the gate beside its own, and loses them when the admin closes', async () => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const own = new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] });
    own.inc(3);
    const { url, admin } = await plain({ registry });
    const { body } = await ask(`${url}/ixgate/metrics`, bearer);
    expect(body).toContain('orders_total 3');
    expect(body).toContain('ixgate_connections_accepted_total 0');
    expect(body.match(/^# TYPE process_cpu_user_seconds_total /gm)).toHaveLength(1);
    expect(await registry.metrics()).toContain('ixgate_feed_viewers');
    admin.close();
    const left = registry.getMetricsAsArray().map(({ name }) => name);
    expect(left.filter((name) => name.startsWith('ixgate'))).toEqual([]);
    expect(left).toContain('orders_total');
  });

  it('serves one gate: a second one is refused', async () => {
    const registry = new Registry();
    await openAdmin({ registry });
    const gate = await openGate();
    expect(() => createAdmin(gate, { token, registry })).toThrow(
      'option registry: expected a registry without metrics of a gate, not "one with ixgate_build_info"',
    );
    expect(gate.listenerCount('step')).toBe(0);
  });
});

describe('What it refuses', () => {
  it.each<[string, object | undefined, string, string]>([
    ['no options', undefined, 'BAD_OPTION', 'option options: expected an object with a token'],
    ['a missing token', {}, 'BAD_OPTION', 'option token: expected 16 to 512 letters'],
    ['an unset variable', { token: undefined }, 'BAD_OPTION', 'or false for no token'],
    ['true for a token', { token: true }, 'BAD_OPTION', 'not true'],
    [
      'a base without a slash',
      { token, base: 'ops' },
      'BAD_OPTION',
      'option base: expected a path',
    ],
    ['a base that leaves', { token, base: '/a/../b?' }, 'BAD_OPTION', 'not "/a/../b?"'],
    ['a host with a port', { token, allowedHosts: ['a:1'] }, 'BAD_OPTION', 'allowedHosts'],
    ['a public URL', { token, publicUrl: 'ops.example' }, 'BAD_OPTION', 'publicUrl'],
    ['a proxy', { token, trustProxy: ['everything'] }, 'BAD_OPTION', 'trustProxy'],
    ['an option of the port', { token, listen: 'http://127.0.0.1:0' }, 'UNKNOWN_OPTION', 'listen'],
    ['a wrong name', { token, pubicUrl: 'x' }, 'UNKNOWN_OPTION', 'did you mean publicUrl?'],
  ])('%s, with what is expected', async (_what, options, code, text) => {
    const gate = await openGate();
    const attempt = () => createAdmin(gate, options as AdminOptions);
    expect(attempt).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    );
    expect(gate.listenerCount('step')).toBe(0);
  });

  it('a token that is too short, without showing it', async () => {
    const gate = await openGate();
    expect(() => createAdmin(gate, { token: 'secret' })).toThrow('not "***"');
  });

  it('anything but a gate, e.g. the promise of one', () => {
    const kinds = [
      [createServer(), 'Promise'],
      [{}, 'Object'],
      [null, 'null'],
      [undefined, 'undefined'],
      ['gate', 'String'],
    ] as const;
    for (const [wrong, kind] of kinds) {
      expect(() => createAdmin(wrong as unknown as GateServer, { token })).toThrow(
        `option gate: expected the gate that createServer returns, not "${kind}"`,
      );
    }
  });
});
