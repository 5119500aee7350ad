import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server, Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { connect as connectTls, createServer as createTls, TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { selfSigned } from '../../../adapters/net/transports/self-signed.js';
import type { GateServer, ServerOptions, ServerSession } from '../../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { LineClient, lineClient, registerRequest } from '../../support/line-client.js';

closeGatesAfterEach();
const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const gateOnly = async (options: ServerOptions = {}): Promise<GateServer> =>
  (await openGate({ listen: [], maxLag: 60_000, ...options })).server;

async function listening<Own extends Server>(server: Own): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const granted = { messageName: 'EventAck' };

it('a net.Socket gets a session, even of a server that pauses its sockets', async () => {
  const gate = await gateOnly();
  const sessions: (ServerSession | null)[] = [];
  const port = await listening(
    createTcp({ pauseOnConnect: true }, (socket) => sessions.push(gate.accept(socket))),
  );
  await using client = await lineClient(port);
  expect(await client.ask(registerRequest())).toMatchObject(granted);
  expect(sessions[0]?.info()).toMatchObject({
    scheme: 'tcp',
    remoteAddress: '127.0.0.1',
    remotePort: client.socket.localPort,
    clientName: 'desk-1',
  });
  expect(sessions[0]?.send({ messageName: 'EventCustom' })).toBe('sent');
  expect(await client.next()).toEqual({ messageName: 'EventCustom' });
});

it('a tls.TLSSocket gets a session with its certificate and server name', async () => {
  const seen: unknown[] = [];
  const gate = await gateOnly({
    validator: (_request, { scheme, servername, listener, certificate }) => {
      seen.push(scheme, servername, listener, certificate);
      return true;
    },
  });
  const { cert, key, ca } = await selfSigned({ hosts: ['gate.example'] });
  const server = createTls({ cert, key });
  server.on('secureConnection', (socket) => gate.accept(socket, { listener: 'mine' }));
  const port = await listening(server);
  const socket = connectTls({ port, host: '127.0.0.1', ca, servername: 'gate.example' });
  await once(socket, 'secureConnect');
  await using client = new LineClient(socket);
  expect(await client.ask(registerRequest())).toMatchObject(granted);
  expect(seen).toEqual(['tls', 'gate.example', 'mine', null]);
});

it('a Duplex gets a session; limits per address hold when its address is stated', async () => {
  const gate = await gateOnly({ maxUnregisteredPerAddress: 1, exempt: [] });
  const pair = () => {
    const [there, back] = [new PassThrough(), new PassThrough()];
    // The other end of a destroyed pair is aborted.
    const near = Duplex.from({ readable: back, writable: there }).on('error', () => {});
    return {
      near,
      far: Duplex.from({ readable: there, writable: back }),
    };
  };
  const info = { remoteAddress: '192.0.2.1', remotePort: 7 };
  const first = pair();
  const session = gate.accept(first.far, info);
  expect(session?.info()).toMatchObject({ ...info, scheme: 'stream' });
  const second = pair();
  expect(gate.accept(second.far, info)).toBeNull();
  const [notice] = await once(second.near, 'data');
  expect(JSON.parse(String(notice))).toMatchObject({ messageName: 'EventError', errorCode: 6 });
  expect(gate.accept(pair().far)?.info()).toMatchObject({ remoteAddress: '', remotePort: 0 });
  await using client = new LineClient(first.near as Socket);
  expect(await client.ask(registerRequest())).toMatchObject(granted);
});

it('the pipes of a child process get a session', async () => {
  const gate = await gateOnly();
  const program = `process.stdout.write(${JSON.stringify(`${JSON.stringify(registerRequest())}\n`)});
    process.stdin.once('data', (text) => { process.stderr.write(text); process.stdin.destroy(); });`;
  const child = spawn(process.execPath, ['-e', program]);
  const session = gate.accept({ readable: child.stdout, writable: child.stdin });
  const [answer] = await once(child.stderr, 'data');
  expect(JSON.parse(String(answer))).toMatchObject(granted);
  expect(session?.info()).toMatchObject({ scheme: 'stream', clientName: 'desk-1' });
  await once(child, 'exit');
  await expect.poll(() => gate.counts().open).toBe(0);
});

/** A service with its own WebSocketServer, whose WebSockets are accepted, and a client of it. */
async function webSocket(gate: GateServer, options: object = {}) {
  const server = createHttp();
  const webSockets = new WebSocketServer({ server, ...options });
  webSockets.on('connection', (one, request) => gate.accept(one, { request }));
  const port = await listening(server);
  const client = new WebSocket(`ws://127.0.0.1:${port}/?a=1`, { headers: { cookie: 'id=7' } });
  const heard: string[] = [];
  client.on('message', (data) => heard.push(String(data)));
  client.on('close', (code) => heard.push(`closed ${code}`));
  await once(client, 'open');
  return { client, heard };
}

it('a WebSocket of ws gets a session; its validator sees the request', async () => {
  const seen: unknown[] = [];
  const gate = await gateOnly({
    validator: (_request, { request }) => {
      seen.push(request?.url, request?.cookies.id, request?.headers.upgrade);
      return true;
    },
  });
  const { client, heard } = await webSocket(gate);
  client.send(JSON.stringify(registerRequest()));
  await expect.poll(() => heard.length).toBe(1);
  expect(JSON.parse(heard[0] ?? '')).toMatchObject(granted);
  expect(seen).toEqual(['/?a=1', '7', 'websocket']);
  expect(gate.sessions()).toMatchObject([{ scheme: 'ws', remoteAddress: '127.0.0.1' }]);
  const pong = once(client, 'pong');
  client.ping();
  await pong;
  client.terminate();
});

it.each([
  ['as its server was made', {}],
  ['with compression', { perMessageDeflate: { threshold: 0 } }],
])('a WebSocket of ws is held to the limit of frames: %s', async (_what, options) => {
  const gate = await gateOnly({ maxFrameUnregistered: 1_024 });
  const { client, heard } = await webSocket(gate, options);
  client.send(JSON.stringify({ messageName: 'X', padding: 'x'.repeat(2_000) }));
  await expect.poll(() => heard.length).toBe(2);
  expect(JSON.parse(heard[0] ?? '')).toMatchObject({ messageName: 'EventError', errorCode: 5 });
  expect(heard[1]).toBe('closed 1009');
  await expect.poll(() => gate.counts().open).toBe(0);
});

it('a WebSocket of a ws whose limits cannot be set is held to the limit of frames after each message', async () => {
  const gate = await gateOnly({ maxFrameUnregistered: 1_024 });
  const server = createHttp();
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (one, request) => {
    const { _receiver: receiver } = one as unknown as { _receiver: object };
    // As if the field had another name: its value stays.
    Object.defineProperty(receiver, '_maxPayload', { get: () => 65_536, set() {} });
    gate.accept(one, { request });
  });
  const client = new WebSocket(`ws://127.0.0.1:${await listening(server)}`);
  const heard: string[] = [];
  client.on('message', (data) => heard.push(String(data)));
  client.on('close', (code) => heard.push(`closed ${code}`));
  await once(client, 'open');
  client.send(JSON.stringify({ messageName: 'X', padding: 'x'.repeat(2_000) }));
  await expect.poll(() => heard.length).toBe(2);
  expect(JSON.parse(heard[0] ?? '')).toMatchObject({ messageName: 'EventError', errorCode: 5 });
  expect(heard[1]).toBe('closed 1009');
});

it('a WebSocket of ws whose client does not close is gone within about a second', async () => {
  const gate = await gateOnly({ registrationTimeout: 50 });
  const { client } = await webSocket(gate);
  // A client that reads nothing cannot answer the close frame.
  client.pause();
  const [, reason] = await once(gate, 'disconnected');
  expect(reason).toBe('registration-timeout');
  const closed = performance.now();
  await expect.poll(() => gate.counts().open).toBe(0);
  expect(performance.now() - closed).toBeLessThan(3_000);
  client.terminate();
});

it('a Duplex that never emits close is released a second after it is destroyed', async () => {
  const gate = await gateOnly({ registrationTimeout: 50 });
  const silent = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done();
    },
    destroy() {},
  });
  gate.accept(silent);
  await once(gate, 'disconnected');
  await expect.poll(() => gate.counts().open).toBe(0);
});

it('is null for what has closed already, and takes no slot', async () => {
  const gate = await gateOnly();
  const gone = new PassThrough().destroy();
  expect(gate.accept(gone)).toBeNull();
  expect(gate.accept({ readable: gone, writable: new PassThrough() })).toBeNull();
  expect(gate.counts().accepted).toBe(0);
});

const throughPass = new PassThrough();
it.each<[string, unknown, unknown, string]>([
  ['a socket that is not connected', new Socket(), {}, 'target'],
  [
    'a TLS socket before its handshake',
    new TLSSocket(new Socket(), { isServer: true }),
    {},
    'target',
  ],
  ['a stream of objects', new PassThrough({ objectMode: true }), {}, 'target'],
  ['a stream of texts', new PassThrough().setEncoding('utf8'), {}, 'target'],
  ['a readable alone', { readable: new PassThrough() }, {}, 'target'],
  ['null', null, {}, 'target'],
  ['a WebSocket of the browser', new EventTarget(), {}, 'target'],
  ['an invalid address', throughPass, { remoteAddress: 'localhost' }, 'info.remoteAddress'],
  ['an invalid port', throughPass, { remotePort: 65_536 }, 'info.remotePort'],
  ['an invalid request', throughPass, { request: 'GET /' }, 'info.request'],
  ['an invalid listener', throughPass, { listener: 7 }, 'info.listener'],
])('rejects %s and takes no slot', async (_what, target, info, option) => {
  const gate = await gateOnly();
  expect(() => gate.accept(target as never, info as never)).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', option }),
  );
  expect(gate.counts()).toMatchObject({ accepted: 0, open: 0 });
});

it('rejects unknown info, and a WebSocket without its request', async () => {
  const gate = await gateOnly();
  expect(() => gate.accept(throughPass, { remoteAdress: '' } as never)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_OPTION', nearest: 'remoteAddress' }),
  );
  const open = Object.assign(new EventTarget(), {
    readyState: 1,
    terminate() {},
    ping() {},
    pause() {},
  });
  expect(() => gate.accept(open as never)).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', option: 'info.request' }),
  );
});

it('frees the request when the client is registered', async () => {
  const gate = await gateOnly();
  const server = createHttp();
  const { port } = { port: await listening(server) };
  gate.attach(server, { path: '/' });
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  await once(client, 'open');
  const [session] = gate.sessions();
  const live = gate.session(session?.id ?? '') as unknown as {
    connection: { request: object | null };
  };
  expect(live.connection.request).toMatchObject({ url: '/' });
  client.send(JSON.stringify(registerRequest()));
  await once(client, 'message');
  expect(live.connection.request).toBeNull();
  client.terminate();
  await once(client, 'close');
});
