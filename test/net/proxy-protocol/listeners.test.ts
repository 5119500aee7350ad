import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type SelfSigned, selfSigned } from '../../../adapters/net/transports/self-signed.js';
import type { GateServer, ServerOptions, SessionInfo } from '../../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../../support/gate.js';
import { registerRequest } from '../../support/line-client.js';
import { WireClient } from '../../support/wire-client.js';
import { bad, good, line, v1, v2 } from './headers.js';

closeGatesAfterEach();
const made: { tls?: SelfSigned } = {};
beforeAll(async () => {
  made.tls = await selfSigned();
});

const schemes = ['tcp', 'tls', 'ws', 'wss'] as const;
type Scheme = (typeof schemes)[number];

/** A gate behind a proxy on this machine, with what it reports. */
async function gateBehindProxy(scheme: Scheme, options: ServerOptions = {}) {
  const { server, port } = await openGate({
    listen: [`${scheme}://127.0.0.1:0`],
    // The clients are not exempt, and the machine may be busy.
    maxLag: 60_000,
    trustProxy: ['127.0.0.1'],
    proxyProtocol: 'required',
    ...(made.tls && { tls: { cert: made.tls.cert, key: made.tls.key } }),
    ...options,
  });
  const failures: { code: string; remoteAddress: string; message: string }[] = [];
  server.on('handshake-failed', ({ remoteAddress, error }) => {
    const { code, message } = error as Error & { code: string };
    failures.push({ code, remoteAddress, message });
  });
  return { server, port, failures };
}

async function socketTo(port: number): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** A client on a socket through which the header has been sent. */
async function clientOn(scheme: Scheme, socket: Socket): Promise<WireClient> {
  const isSecure = scheme === 'tls' || scheme === 'wss';
  const stream = isSecure ? connectTls({ socket, host: 'localhost', ca: made.tls?.ca }) : socket;
  stream.on('error', () => {});
  if (isSecure) await once(stream, 'secureConnect');
  if (scheme === 'tcp' || scheme === 'tls') {
    return new WireClient({
      socket,
      stream,
      webSocket: null,
      send: (text) => void stream.write(text),
    });
  }
  const webSocket = new WebSocket('ws://127.0.0.1', { createConnection: () => stream });
  webSocket.on('error', () => {});
  await once(webSocket, 'open');
  const send = (text: string | Uint8Array) => webSocket.send(text, { binary: false });
  return new WireClient({ socket, stream, webSocket, send });
}

/** The session of the one client of a gate, as `connected` reports it. */
async function connectedInfo(server: GateServer): Promise<SessionInfo> {
  const [session] = await once(server, 'connected');
  return session.info();
}

describe.each(schemes)('A listener over %s that requires the PROXY protocol', (scheme) => {
  it.each([
    ['version 1', v1],
    ['version 2', v2],
  ])('has the address of the client from %s', async (_version, header) => {
    let seen: unknown;
    const { server, port, failures } = await gateBehindProxy(scheme, {
      validator: (_request, { remoteAddress, proxyAddress }) => {
        seen = { remoteAddress, proxyAddress };
        return true;
      },
    });
    const socket = await socketTo(port);
    socket.write(header);
    const client = await clientOn(scheme, socket);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(server.sessions()).toMatchObject([{ remoteAddress: '192.0.2.1', remotePort: 4711 }]);
    expect(seen).toEqual({ remoteAddress: '192.0.2.1', proxyAddress: '127.0.0.1' });
    expect(failures).toEqual([]);
    client.destroy();
  });

  it('keeps the address of the proxy for its own connections (LOCAL), and for UNKNOWN', async () => {
    const { server, port } = await gateBehindProxy(scheme);
    for (const [what, header, stated] of good) {
      if (stated !== null) continue;
      const info = connectedInfo(server);
      const socket = await socketTo(port);
      socket.write(header);
      const client = await clientOn(scheme, socket);
      expect((await info).remoteAddress, what).toBe('127.0.0.1');
      client.destroy();
    }
  });

  it('counts limits for the address of the client', async () => {
    const { server, port } = await gateBehindProxy(scheme, { maxUnregisteredPerAddress: 1 });
    const first = await socketTo(port);
    first.write(v1);
    const client = await clientOn(scheme, first);
    const rejected = once(server, 'connection-rejected');
    const second = await socketTo(port);
    second.write(v1);
    expect((await rejected)[0]).toMatchObject({
      remoteAddress: '192.0.2.1',
      reason: 'per-address',
    });
    const third = await socketTo(port);
    third.write(line('PROXY TCP4 192.0.2.2 198.51.100.1 4711 7004'));
    const other = await clientOn(scheme, third);
    expect(await other.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    for (const one of [client, other]) one.destroy();
    second.destroy();
  });

  it('closes a connection of a peer that is not a trusted proxy, and counts it for its address', async () => {
    const { server, port, failures } = await gateBehindProxy(scheme, {
      trustProxy: ['10.0.0.0/8'],
    });
    const socket = await socketTo(port);
    socket.write(v1);
    await once(socket.resume(), 'close');
    await expect
      .poll(() => failures)
      .toMatchObject([{ code: 'UNTRUSTED_PROXY', remoteAddress: '127.0.0.1' }]);
    expect(server.counts()).toMatchObject({ accepted: 1, open: 0 });
    expect(server.counts().outcomes['handshake-failed']).toBe(1);
  });

  it('closes a connection whose header is missing or wrong, without a penalty for the proxy', async () => {
    const { server, port, failures } = await gateBehindProxy(scheme, { exempt: [] });
    for (const [, header] of bad) {
      const socket = await socketTo(port);
      socket.write(header);
      await once(socket.resume(), 'close');
      await expect
        .poll(() => failures.splice(0))
        .toMatchObject([{ code: 'BAD_PROXY_HEADER', remoteAddress: '127.0.0.1' }]);
    }
    expect(server.counts()).toMatchObject({ accepted: 0, open: 0 });
    const socket = await socketTo(port);
    socket.write(v2);
    const client = await clientOn(scheme, socket);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    client.destroy();
  });

  it('closes a connection whose header does not come before the handshake deadline', async () => {
    const { server, port, failures } = await gateBehindProxy(scheme, { registrationTimeout: 200 });
    const silent = await socketTo(port);
    const cut = await socketTo(port);
    cut.write(v2.subarray(0, 20));
    await Promise.all([once(silent.resume(), 'close'), once(cut.resume(), 'close')]);
    await expect
      .poll(() => failures)
      .toMatchObject([
        { code: 'HANDSHAKE_TIMEOUT', message: 'no PROXY protocol header within 200 ms' },
        { code: 'HANDSHAKE_TIMEOUT' },
      ]);
    expect(server.counts().accepted).toBe(0);
  });

  it('reports a proxy that leaves before or within its header, or ends its side after it', async () => {
    const { port, failures } = await gateBehindProxy(scheme);
    for (const sent of [Buffer.alloc(0), v1.subarray(0, 9)]) {
      const socket = await socketTo(port);
      socket.end(sent);
      await once(socket.resume(), 'close');
      await expect.poll(() => failures.splice(0)).toMatchObject([{ code: 'HANDSHAKE_FAILED' }]);
    }
    const socket = await socketTo(port);
    socket.end(v1);
    await once(socket.resume(), 'close');
  });

  it('lets no connection wait for its header when it is closed', async () => {
    const { server, port } = await gateBehindProxy(scheme);
    const socket = await socketTo(port);
    await server.close();
    await once(socket.resume(), 'close');
  });
});

describe('A header over plain TCP', () => {
  const request = JSON.stringify(registerRequest());

  it.each([
    ['version 1', v1],
    ['version 2', v2],
  ])(
    'of %s may be cut after each byte, and data may follow in the same chunk',
    async (_version, header) => {
      const { server, port } = await gateBehindProxy('tcp');
      const all = Buffer.concat([header, Buffer.from(`${request}\n`)]);
      for (let at = 0; at <= header.length; at += 1) {
        const info = connectedInfo(server);
        const socket = await socketTo(port);
        const client = await clientOn('tcp', socket);
        socket.write(all.subarray(0, at));
        // Until the first part was read.
        if (at > 0) await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        socket.write(all.subarray(at));
        expect(await client.next(), String(at)).toMatchObject({ messageName: 'EventAck' });
        expect((await info).remoteAddress).toBe('192.0.2.1');
        client.destroy();
      }
    },
  );

  it('may come byte by byte', async () => {
    const { port } = await gateBehindProxy('tcp');
    const socket = await socketTo(port);
    const client = await clientOn('tcp', socket);
    for (const byte of Buffer.concat([v2, Buffer.from(`${request}\n`)])) {
      await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()));
    }
    expect(await client.next()).toMatchObject({ messageName: 'EventAck' });
    client.destroy();
  });

  it('with data and the end of the client in one chunk is answered', async () => {
    const { port } = await gateBehindProxy('tcp');
    const socket = await socketTo(port);
    const client = await clientOn('tcp', socket);
    socket.end(Buffer.concat([v2, Buffer.from(`${request}\n`)]));
    expect(await client.next()).toMatchObject({ messageName: 'EventAck' });
    expect(await client.next()).toBeNull();
  });

  it('is an invalid frame where the PROXY protocol is off', async () => {
    const { server, port } = await openGate({ trustProxy: ['127.0.0.1'] });
    const socket = await socketTo(port);
    socket.write(v1);
    const client = await clientOn('tcp', socket);
    expect(await client.next()).toMatchObject({ messageName: 'EventError', errorCode: 5 });
    await client.ended;
    expect(server.counts().outcomes['protocol-error']).toBe(1);
  });

  it('counts for the registration deadline', async () => {
    const { server, port } = await gateBehindProxy('tcp', { registrationTimeout: 1_000 });
    const info = connectedInfo(server);
    const socket = await socketTo(port);
    const since = performance.now();
    await expect.poll(() => performance.now() - since > 400).toBe(true);
    socket.write(v1);
    expect((await info).deadline).toBeLessThanOrEqual(610);
    socket.destroy();
  });
});

it('An upgrade behind two proxies has the client of the second: PROXY protocol, then X-Forwarded-For', async () => {
  const { server, port } = await gateBehindProxy('ws', { trustProxy: ['127.0.0.1', '192.0.2.1'] });
  const info = connectedInfo(server);
  const socket = await socketTo(port);
  socket.write(v1);
  const webSocket = new WebSocket('ws://127.0.0.1', {
    createConnection: () => socket,
    headers: { 'x-forwarded-for': '203.0.113.9' },
  });
  await once(webSocket, 'open');
  expect((await info).remoteAddress).toBe('203.0.113.9');
  webSocket.terminate();
});

it('The PROXY protocol is required only with a trusted proxy', async () => {
  await expect(openGate({ proxyProtocol: 'required' })).rejects.toMatchObject({
    code: 'BAD_OPTION',
    option: 'proxyProtocol',
  });
  await expect(openGate({ proxyProtocol: 'maybe' as never })).rejects.toMatchObject({
    code: 'BAD_OPTION',
    option: 'proxyProtocol',
  });
});
