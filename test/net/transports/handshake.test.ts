import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConnectOptions,
  type Scheme,
  transportFor,
} from '../../../adapters/net/transports/index.js';
import { type TestCertificates, testCertificates } from '../../support/certificates.js';
import { closedOf } from '../../support/closed.js';
import { TestListener } from '../../support/links.js';
import { Recorded } from '../../support/recorded.js';

const made: { certificates?: TestCertificates } = {};
const certificates = () => made.certificates as TestCertificates;
beforeAll(async () => {
  made.certificates = await testCertificates();
});

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0)) await one.close();
});

async function listen(
  scheme: Scheme,
  options: Parameters<typeof TestListener.open>[1] & { mutual?: boolean } = {},
) {
  const { mutual = false, ...rest } = options;
  const { cert, key } = certificates().server;
  const tls = { cert, key, ...(mutual && { ca: certificates().ca }) };
  const listener = await TestListener.open(scheme, { tls, ...rest });
  toClose.push(listener);
  return listener;
}

/** A bare TCP socket, with all it was sent until it was closed. */
function bare(port: number) {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  const received: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk) => received.push(chunk));
  const closed = closedOf(socket).then(() => Buffer.concat(received).toString());
  toClose.push({ close: () => socket.destroy() });
  return { socket, closed };
}

/** A request for an upgrade, with some headers replaced. */
function upgrade(headers: Readonly<Record<string, string>>): string {
  const right = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  const lines = Object.entries({ ...right, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return ['GET / HTTP/1.1', ...lines, '', ''].join('\r\n');
}

const connect = (listener: TestListener, tls?: ConnectOptions['tls']) =>
  transportFor(listener.endpoint.scheme).connect(listener.endpoint, {
    maxFrame: 65_536,
    timeout: 5_000,
    ...(tls && { tls }),
  });

describe('a client that never becomes a connection', () => {
  it.each(['tls', 'ws', 'wss'] as const)(
    '%s: silence is ended at handshakeTimeout',
    async (scheme) => {
      const listener = await listen(scheme, { handshakeTimeout: 200 });
      const begun = performance.now();
      const { socket, closed } = bare(listener.endpoint.port);
      await once(socket, 'connect');
      const { localPort } = socket;
      await closed;
      expect(performance.now() - begun).toBeGreaterThan(190);
      expect(performance.now() - begun).toBeLessThan(1_000);
      const what = scheme === 'tls' ? 'TLS handshake' : 'WebSocket upgrade';
      expect(await listener.failure()).toMatchObject({
        remoteAddress: '127.0.0.1',
        remotePort: localPort,
        error: { code: 'HANDSHAKE_TIMEOUT', message: `no ${what} within 200 ms` },
      });
      expect(listener.connections).toEqual([]);
    },
  );

  it('ws: dripping bytes of a request change nothing', async () => {
    const listener = await listen('ws', { handshakeTimeout: 200 });
    const begun = performance.now();
    const { socket, closed } = bare(listener.endpoint.port);
    socket.write('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('X-A: b\r\n'), 20);
    await closed;
    clearInterval(drip);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect((await listener.failure()).error).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });

  it('wss: a TLS handshake without an upgrade is ended too', async () => {
    const listener = await listen('wss', { handshakeTimeout: 300 });
    const { port } = listener.endpoint;
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificates().ca });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    await closedOf(socket.resume());
    expect((await listener.failure()).error).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });

  it.each(['tls', 'wss'] as const)('%s: plain bytes fail the handshake', async (scheme) => {
    const listener = await listen(scheme);
    const { socket, closed } = bare(listener.endpoint.port);
    socket.write('{"messageName":"RequestRegisterClient"}\n');
    await closed;
    expect((await listener.failure()).error.message).toMatch(/ failed: (wrong version|http)/);
    expect(listener.connections).toEqual([]);
  });

  it('ws: a TLS hello is not a valid request', async () => {
    const listener = await listen('ws');
    const { port } = listener.endpoint;
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificates().ca });
    const [error] = await once(socket, 'error').catch((thrown: Error) => [thrown]);
    expect(error).toBeInstanceOf(Error);
    expect((await listener.failure()).error).toMatchObject({ code: 'HANDSHAKE_FAILED' });
  });

  it('tcp: a TLS hello is bytes like any others', async () => {
    const listener = await listen('tcp');
    const { port } = listener.endpoint;
    const socket = connectTls({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    const far = new Recorded(await listener.accepted()).start();
    await far.until(({ size }) => size > 0);
    expect(far.bytes[0]).toBe(0x16);
    far.connection.destroy();
    socket.destroy();
  });

  it('ws: a plain HTTP request gets 426 Upgrade Required', async () => {
    const listener = await listen('ws');
    const { socket, closed } = bare(listener.endpoint.port);
    socket.write('GET / HTTP/1.1\r\nHost: gate\r\n\r\n');
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\nUpgrade: websocket\r\n/);
    expect(await listener.failure()).toMatchObject({
      error: { message: 'WebSocket upgrade failed: a plain HTTP request' },
    });
  });

  it.each(['/', '/healthz'])(
    'T93: ws: nothing is served behind a plain request for %s, an upgrade neither',
    async (path) => {
      const listener = await listen('ws');
      const { socket, closed } = bare(listener.endpoint.port);
      const plain = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      socket.write(`${plain}${plain}${upgrade({})}`);
      expect((await closed).match(/HTTP\/1\.1 \d+/g)).toEqual([
        path === '/' ? 'HTTP/1.1 426' : 'HTTP/1.1 200',
      ]);
      expect((await listener.failure()).error).toMatchObject({ isProbe: true });
      expect(listener.connections).toEqual([]);
    },
  );

  it('T93: wss: nothing is served behind a plain request', async () => {
    const listener = await listen('wss');
    const { port } = listener.endpoint;
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificates().ca });
    const received: Buffer[] = [];
    socket.on('error', () => {}).on('data', (chunk) => received.push(chunk));
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n\r\n${upgrade({})}`);
    await closedOf(socket);
    expect(String(Buffer.concat(received)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 426']);
    expect(listener.connections).toEqual([]);
  });

  it.each(['12', '14', '-1', 'x', ''])(
    'T93: ws: the answer to an upgrade of version %j names the right one',
    async (version) => {
      const listener = await listen('ws');
      const { socket, closed } = bare(listener.endpoint.port);
      socket.write(upgrade({ 'Sec-WebSocket-Version': version }));
      const answer = await closed;
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toMatch(/\r\nSec-WebSocket-Version: 13\r\n/);
    },
  );

  it('ws: an upgrade that is wrong is a bad request', async () => {
    const listener = await listen('ws');
    const { socket, closed } = bare(listener.endpoint.port);
    socket.write(
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    );
    expect(await closed).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect((await listener.failure()).error.message).toContain('Invalid Upgrade header');
  });

  it('ws: input that is not HTTP is a bad request', async () => {
    const listener = await listen('ws');
    const { socket, closed } = bare(listener.endpoint.port);
    socket.write('{"messageName":"RequestRegisterClient"}\n');
    expect(await closed).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect((await listener.failure()).error).toMatchObject({ code: 'HANDSHAKE_FAILED' });
  });

  it('ws: a listener with a path takes that path only', async () => {
    const listener = await listen('ws', { path: '/ix' });
    const other = { ...listener.endpoint, path: '/other' };
    const options = { maxFrame: 65_536, timeout: 5_000 };
    await expect(transportFor('ws').connect(other, options)).rejects.toThrow('404');
    expect((await listener.failure()).error.message).toContain('another path');
    const withQuery = { ...listener.endpoint, path: '/ix?tenant=1' };
    const near = await transportFor('ws').connect(withQuery, options);
    near.destroy();
  });

  it.each(['tls', 'ws', 'wss'] as const)(
    '%s: one that leaves at once is reported once',
    async (scheme) => {
      const listener = await listen(scheme);
      const { socket } = bare(listener.endpoint.port);
      await once(socket, 'connect');
      socket.resetAndDestroy();
      await listener.failure();
      await listener.close();
      expect(listener.failures).toEqual([]);
      expect(listener.errors).toEqual([]);
    },
  );
});

describe.each(['tls', 'wss'] as const)('%s certificates', (scheme) => {
  it('the server is verified against the authority that is given', async () => {
    const listener = await listen(scheme);
    const near = await connect(listener, { ca: certificates().ca });
    expect(near.certificate?.subject.CN).toBe('localhost');
    near.destroy();
  });

  it('a server that cannot be verified is refused, unless that is asked for', async () => {
    const listener = await listen(scheme);
    await expect(connect(listener)).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    const near = await connect(listener, { insecure: true });
    expect(near.certificate).toBeNull();
    near.destroy();
  });

  it('a server of another name is refused', async () => {
    const listener = await listen(scheme);
    const tls = { ca: certificates().ca, servername: 'gate.example' };
    await expect(connect(listener, tls)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    (await connect(listener, { ...tls, servername: 'localhost' })).destroy();
  });

  it('mutual: the client is known by its verified certificate', async () => {
    const listener = await listen(scheme, { mutual: true });
    const client = await certificates().client('desk, no. 1');
    const near = await connect(listener, { ...client, ca: certificates().ca });
    const far = await listener.accepted();
    expect(far.certificate?.subject.CN).toBe('desk, no. 1');
    near.destroy();
    far.destroy();
  });

  it('mutual: a client without a certificate, or with a self-signed one, never connects', async () => {
    const listener = await listen(scheme, { mutual: true });
    const untrusted = await certificates().untrustedClient('desk-1');
    for (const tls of [{}, untrusted]) {
      const { ca } = certificates();
      const attempted = connect(listener, { ...tls, ca });
      expect((await listener.failure()).error).toMatchObject({ code: 'HANDSHAKE_FAILED' });
      // With TLS 1.3 a client has finished before it hears that it is refused.
      await attempted.then(
        async (near) => {
          const recorded = new Recorded(near).start();
          await recorded.until(({ calls }) => calls.includes('end') || calls.includes('closed'));
          near.destroy();
        },
        (error) => expect(error).toBeInstanceOf(Error),
      );
    }
    expect(listener.connections).toEqual([]);
  });

  it('a client that knows nothing newer than TLS 1.1 is refused', async () => {
    const listener = await listen(scheme);
    const { port } = listener.endpoint;
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' } as const;
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificates().ca, ...old });
    socket.on('error', () => {});
    expect((await listener.failure()).error.message).toMatch(/failed: unsupported protocol/);
  });

  it('a listener needs a certificate and its key', async () => {
    await expect(TestListener.open(scheme)).rejects.toMatchObject({
      code: 'TLS_FILES_MISSING',
      message: `${scheme}://127.0.0.1:0 needs a certificate and its key`,
    });
    const tls = { cert: 'no certificate', key: 'no key' };
    await expect(TestListener.open(scheme, { tls })).rejects.toThrow(/PEM|no start line/i);
  });
});

describe.each(['tcp', 'tls', 'ws', 'wss'] as const)('%s connecting and listening', (scheme) => {
  const options = { maxFrame: 65_536, timeout: 5_000 };

  it('is refused where no server listens', async () => {
    const listener = await listen(scheme);
    await listener.close();
    await expect(connect(listener)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('rejects with the reason of the signal, and leaves nothing behind', async () => {
    const reason = new Error('changed my mind');
    const transport = transportFor(scheme);
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => {})));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    toClose.push(silent);
    const { port } = silent.address() as { port: number };
    const endpoint = { scheme, host: '127.0.0.1', port, path: '/' };
    const before = transport.connect(endpoint, { ...options, signal: AbortSignal.abort(reason) });
    await expect(before).rejects.toBe(reason);
    const controller = new AbortController();
    const during = transport.connect(endpoint, { ...options, signal: controller.signal });
    controller.abort(reason);
    await expect(during).rejects.toBe(reason);
    if (scheme === 'tcp') return;
    const later = new AbortController();
    const accepted = once(silent, 'connection');
    const handshaking = transport.connect(endpoint, { ...options, signal: later.signal });
    const [socket] = (await accepted) as [Socket];
    later.abort(reason);
    await expect(handshaking).rejects.toBe(reason);
    await closedOf(socket.resume());
  });

  it('cannot listen on a port that is in use', async () => {
    const { port } = (await listen(scheme)).endpoint;
    const again = listen(scheme, { port });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('frees its port at once, though a connection is still open, and that one goes on', async () => {
    const listener = await listen(scheme);
    const { ca } = certificates();
    const near = new Recorded(await connect(listener, { ca })).start();
    const far = new Recorded(await listener.accepted()).start();
    await listener.close();
    const again = await listen(scheme, { port: listener.endpoint.port });
    expect(again.endpoint).toEqual(listener.endpoint);
    near.connection.write(Buffer.from('still here'));
    await far.until(({ text }) => text === 'still here');
    near.connection.destroy();
    far.connection.destroy();
  });

  if (scheme === 'tcp') return;
  it('gives up a server that is silent', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => {})));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    toClose.push(silent);
    const { port } = silent.address() as { port: number };
    const endpoint = { scheme, host: '127.0.0.1', port, path: '/' };
    const attempt = transportFor(scheme).connect(endpoint, { ...options, timeout: 150 });
    await expect(attempt).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: `no connection to ${scheme}://127.0.0.1:${port} within 150 ms`,
    });
    const [socket] = sockets;
    if (socket && !socket.closed) await closedOf(socket.resume());
  });
});
