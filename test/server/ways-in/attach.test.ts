import { once } from 'node:events';
import { createServer as createHttp, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { GateServer, ServerOptions } from '../../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { registerRequest } from '../../support/line-client.js';
import { RawWebSocket, textFrame } from '../../support/raw-web-socket.js';

closeGatesAfterEach();
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
});

/** A service with one route, and its port. */
async function service(): Promise<{ server: Server; port: number }> {
  const server = createHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => response.end(`route ${request.method} ${request.url} ${body}`.trim()));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

const gateOnly = async (options: ServerOptions = {}): Promise<GateServer> =>
  (await openGate({ listen: [], maxLag: 60_000, ...options })).server;

/** The answer to RequestRegisterClient. */
async function registered(client: RawWebSocket) {
  client.send(textFrame(JSON.stringify(registerRequest())));
  await client.until(() => client.messages.length > 0);
  return client.messages[0];
}

/** The answer of a plain request. */
function ask(port: number, path: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, headers, host: '127.0.0.1' }, async (response) => {
      let text = `${response.statusCode} `;
      for await (const chunk of response) text += chunk;
      resolve(text);
    });
    request.on('error', reject);
    request.end();
  });
}

/** What a server answers to a request as text, until it closes the connection. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}

describe('attach', () => {
  it('registers clients on its path, with a query too, beside the routes of the server', async () => {
    const { server, port } = await service();
    const gate = await gateOnly();
    gate.attach(server, { path: '/ix' });
    await using client = await RawWebSocket.open(port, {}, '/ix?token=1');
    expect(await registered(client)).toMatchObject({ messageName: 'EventAck' });
    expect(gate.sessions()).toMatchObject([{ scheme: 'ws', remoteAddress: '127.0.0.1' }]);
    expect(await ask(port, '/hello')).toBe('200 route GET /hello');
    expect(await ask(port, '/ix')).toBe('200 route GET /ix');
  });

  it.each(['before', 'after'])(
    'leaves the upgrades of another path to a WebSocketServer of ws that came %s it',
    async (order) => {
      const { server, port } = await service();
      const gate = await gateOnly();
      if (order === 'after') gate.attach(server, { path: '/ix' });
      const other = new WebSocketServer({ server, path: '/other' });
      other.on('connection', (webSocket) => webSocket.send('from the other'));
      if (order === 'before') gate.attach(server, { path: '/ix' });
      await using client = await RawWebSocket.open(port, {}, '/ix');
      expect(await registered(client)).toMatchObject({ messageName: 'EventAck' });
      const webSocket = new WebSocket(`ws://127.0.0.1:${port}/other`);
      const [text] = await once(webSocket, 'message');
      expect(String(text)).toBe('from the other');
      webSocket.terminate();
    },
  );

  it('answers an upgrade that no listener takes by the routes, as Node does without upgrades', async () => {
    const { server, port } = await service();
    const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' };
    const before = await ask(port, '/hello', headers);
    const gate = await gateOnly();
    gate.attach(server, { path: '/ix' });
    expect(await ask(port, '/hello', headers)).toBe(before);
    expect(before).toBe('200 route GET /hello');
    await using client = new RawWebSocket(port, {}, '/other');
    await client.until(() => client.head !== '');
    expect(client.status).toBe(200);
  });

  it('refuses an upgrade with a body that no listener takes, because Node does not parse the body', async () => {
    const { server, port } = await service();
    const gate = await gateOnly();
    gate.attach(server, { path: '/ix' });
    const answer = await raw(
      port,
      'POST /hello HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('answers 503 with Retry-After before the upgrade when the client gets no slot', async () => {
    const { server, port } = await service();
    const gate = await gateOnly({ maxConnections: 1, exempt: [] });
    gate.attach(server, { path: '/ix' });
    await using held = await RawWebSocket.open(port, {}, '/ix');
    await using second = new RawWebSocket(port, {}, '/ix');
    await second.until(() => second.head !== '');
    expect(second.head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(gate.counts()).toMatchObject({ accepted: 1, rejected: { 'max-connections': 1 } });
    held.socket.destroy();
  });

  it('tells the time in Retry-After where it is known', async () => {
    const { server, port } = await service();
    const gate = await gateOnly({ exempt: [], penaltyMin: 1, penaltyRefused: 5_000 });
    gate.attach(server, { path: '/ix' });
    await using bad = await RawWebSocket.open(port, {}, '/ix');
    bad.send(textFrame('no json'));
    await bad.closed;
    await expect.poll(() => gate.counts().open).toBe(0);
    await using second = new RawWebSocket(port, {}, '/ix');
    await second.until(() => second.head !== '');
    expect(second.head).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: \d+\r\n/);
  });

  it('answers 503 after the gate is closed, while the server goes on', async () => {
    const { server, port } = await service();
    const gate = await gateOnly();
    gate.attach(server, { path: '/ix' });
    await gate.close();
    await using client = new RawWebSocket(port, {}, '/ix');
    await client.until(() => client.head !== '');
    expect(client.status).toBe(503);
    expect(await ask(port, '/hello')).toBe('200 route GET /hello');
  });

  it('takes no more upgrades after close, keeps its clients, and leaves the server as it was', async () => {
    const { server, port } = await service();
    const gate = await gateOnly();
    const listeners = server.listenerCount('upgrade');
    const attachment = gate.attach(server, { path: '/ix' });
    await using client = await RawWebSocket.open(port, {}, '/ix');
    attachment.close();
    attachment.close();
    expect(server.listenerCount('upgrade')).toBe(listeners);
    expect(Object.hasOwn(server, 'emit')).toBe(false);
    expect(await ask(port, '/ix', { Connection: 'Upgrade', Upgrade: 'websocket' })).toBe(
      '200 route GET /ix',
    );
    expect(await registered(client)).toMatchObject({ messageName: 'EventAck' });
    gate.attach(server, { path: '/ix' }).close();
  });

  it('has several gates at several paths of one server', async () => {
    const { server, port } = await service();
    const [one, two] = [await gateOnly(), await gateOnly()];
    one.attach(server, { path: '/one' });
    two.attach(server, { path: '/two' });
    await using client = await RawWebSocket.open(port, {}, '/two');
    expect(await registered(client)).toMatchObject({ messageName: 'EventAck' });
    expect([one.sessions().length, two.sessions().length]).toEqual([0, 1]);
  });

  it('counts the time until the first request for the registration deadline', async () => {
    const { server, port } = await service();
    const gate = await gateOnly({ registrationTimeout: 1_000 });
    gate.attach(server, { path: '/ix' });
    const accepted = once(server, 'connection');
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    await accepted;
    const begun = performance.now();
    const connected = once(gate, 'connected');
    // Half of the time passes before the request.
    await expect.poll(() => performance.now() - begun > 500).toBe(true);
    socket.write(
      `GET /ix HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    const [session] = await connected;
    expect(session.info().deadline).toBeLessThanOrEqual(510);
    socket.destroy();
  });

  it.each([
    [{ path: 'ix' }, 'BAD_OPTION', 'path'],
    [{ path: '/ix?a' }, 'BAD_OPTION', 'path'],
    [{}, 'BAD_OPTION', 'path'],
    [undefined, 'BAD_OPTION', 'path'],
    [{ path: '/ix', trustProxy: ['10'] }, 'BAD_OPTION', 'trustProxy'],
    [{ path: '/ix', allowOrigin: ['x'] }, 'BAD_OPTION', 'allowOrigin'],
    [{ path: '/ix', name: 1 }, 'BAD_OPTION', 'name'],
    [{ path: '/ix', trustProxies: [] }, 'UNKNOWN_OPTION', 'trustProxies'],
  ])('rejects the options %j and changes nothing', async (options, code, option) => {
    const { server } = await service();
    const gate = await gateOnly();
    expect(() => gate.attach(server, options as never)).toThrow(
      expect.objectContaining({ code, option }),
    );
    expect(server.listenerCount('upgrade')).toBe(0);
  });

  it('rejects anything but an HTTP server, and a path twice', async () => {
    const { server } = await service();
    const gate = await gateOnly();
    const express = Object.assign(() => {}, { listen: () => {}, on: () => {} });
    for (const wrong of [undefined, 'http://127.0.0.1', {}, express]) {
      expect(() => gate.attach(wrong as never, { path: '/ix' })).toThrow(
        expect.objectContaining({ code: 'BAD_OPTION', option: 'server' }),
      );
    }
    gate.attach(server, { path: '/ix' });
    expect(() => gate.attach(server, { path: '/ix' })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', option: 'path' }),
    );
  });
});

describe('a forwarded address at attach', () => {
  const address = async (headers: Record<string, string>, trustProxy?: string[]) => {
    const { server, port } = await service();
    const gate = await gateOnly();
    const forged: Error[] = [];
    gate.on('forged-address', ({ error }) => forged.push(error));
    gate.attach(server, { path: '/ix', ...(trustProxy && { trustProxy }) });
    await using client = new RawWebSocket(port, headers, '/ix');
    await client.until(() => client.head !== '');
    const codes = forged.map((error) => (error as Error & { code: string }).code);
    return [client.status, gate.sessions()[0]?.remoteAddress, ...codes];
  };

  it('is the client of a trusted proxy', async () => {
    const trusted = ['127.0.0.0/8'];
    expect(await address({ 'X-Forwarded-For': '192.0.2.1' }, trusted)).toEqual([101, '192.0.2.1']);
    expect(await address({ Forwarded: 'for=192.0.2.1' }, trusted)).toEqual([101, '192.0.2.1']);
    expect(await address({}, trusted)).toEqual([101, '127.0.0.1']);
  });

  it('is ignored and logged as an attack from any other peer', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    const expected = [101, '127.0.0.1', 'UNTRUSTED_PROXY'];
    expect(await address(headers)).toEqual(expected);
    expect(await address(headers, ['10.0.0.0/8'])).toEqual(expected);
  });

  it('is refused when two headers of a trusted proxy contradict each other', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.1', Forwarded: 'for=192.0.2.2' };
    expect(await address(headers, ['127.0.0.1'])).toEqual([400, undefined]);
  });
});
