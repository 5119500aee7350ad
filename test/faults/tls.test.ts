import { once } from 'node:events';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type ServerOptions } from '../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closedOf } from '../support/closed.js';
import { registerRequest } from '../support/line-client.js';
import { WireClient } from '../support/wire-client.js';

const made: { certificates?: TestCertificates; hello?: Buffer } = {};
const certificates = () => made.certificates as TestCertificates;
const hello = () => made.hello as Buffer;
beforeAll(async () => {
  made.certificates = await testCertificates();
  made.hello = await firstBytes();
});

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close();
});

/** The first bytes of a TLS client. */
async function firstBytes(): Promise<Buffer> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connectTls({ port, host: '127.0.0.1' }).on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** A gate on one secure endpoint, with its connection failures. */
async function secureGate(scheme: 'tls' | 'wss', options: ServerOptions = {}) {
  const { cert, key } = certificates().server;
  const server = await createServer({
    listen: [`${scheme}://127.0.0.1:0`],
    ...options,
    tls: { cert, key, ...options.tls },
  });
  toClose.push(server);
  const failures: Error[] = [];
  server.on('handshake-failed', ({ error }) => failures.push(error));
  const [endpoint] = server.endpoints;
  if (!endpoint) throw new Error('the gate does not listen');
  return { server, endpoint, port: endpoint.port, failures };
}

/** A bare TLS client; `opened` resolves to the negotiated protocol, or the error. */
function secureClient(port: number, options: ConnectionOptions = {}) {
  const socket = connectTls({ port, host: '127.0.0.1', ca: certificates().ca, ...options });
  toClose.push({ close: () => socket.destroy() });
  const opened = new Promise<string | null>((resolve) => {
    socket.once('secureConnect', () => resolve(socket.getProtocol()));
    socket.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message));
  });
  return { socket, opened };
}

/** A bare TCP client that sends some bytes of TLS. */
async function halfClient(port: number, bytes: Uint8Array) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  socket.resume();
  toClose.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  socket.write(bytes);
  return { socket, closed: closedOf(socket) };
}

describe('The version', () => {
  // At its default security level OpenSSL does not offer the old versions.
  const old = { ciphers: 'DEFAULT@SECLEVEL=0' };

  it.each([
    ['tls', 'TLSv1', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['tls', 'TLSv1.1', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['tls', 'TLSv1.2', 'TLSv1.2'],
    ['tls', 'TLSv1.3', 'TLSv1.3'],
    ['wss', 'TLSv1.1', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['wss', 'TLSv1.2', 'TLSv1.2'],
  ] as const)('%s: a client of %s gets %s', async (scheme, version, outcome) => {
    const { server, port, failures } = await secureGate(scheme);
    const { opened } = secureClient(port, { ...old, minVersion: version, maxVersion: version });
    expect(await opened).toBe(outcome);
    if (outcome === version) return;
    await expect.poll(() => failures.length).toBe(1);
    expect(failures[0]?.message).toMatch(/failed: unsupported protocol$/);
    expect(server.sessions()).toEqual([]);
  });
});

describe('A renegotiation', () => {
  it.each(['tls', 'wss'] as const)(
    'requested by a client of %s is rejected: each would cost the server a handshake',
    async (scheme) => {
      const { port } = await secureGate(scheme);
      const { socket, opened } = secureClient(port, { maxVersion: 'TLSv1.2' });
      expect(await opened).toBe('TLSv1.2');
      const outcome = await new Promise((resolve) => {
        socket.on('error', ({ code }: Error & { code?: string }) => resolve(code));
        socket.renegotiate({}, (error) => resolve(error ?? 'renegotiated'));
      });
      expect(outcome).toBe('ERR_SSL_NO_RENEGOTIATION');
    },
  );
});

describe('Half a handshake', () => {
  /** In milliseconds; on a busy machine a handshake takes a part of it. */
  const registrationTimeout = 2_000;

  it('is ended at the registration timeout at any speed, each is reported once, and others connect meanwhile', async () => {
    const { server, endpoint, port, failures } = await secureGate('tls', { registrationTimeout });
    const begun = performance.now();
    // Some stop at every tenth byte, one continues byte by byte.
    const stopped = await Promise.all(
      Array.from({ length: Math.ceil(hello().length / 10) }, (_, n) =>
        halfClient(port, hello().subarray(0, 10 * n)),
      ),
    );
    const slow = await halfClient(port, hello().subarray(0, 1));
    let said = 1;
    const drip = setInterval(() => {
      slow.socket.write(hello().subarray(said, said + 1));
      said += 1;
    }, 20);
    const known = await WireClient.open(endpoint, certificates().ca);
    expect(await known.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await Promise.all([slow.closed, ...stopped.map(({ closed }) => closed)]);
    clearInterval(drip);
    expect(performance.now() - begun).toBeGreaterThan(registrationTimeout - 50);
    expect(said).toBeLessThan(hello().length);
    await expect.poll(() => failures.length).toBe(stopped.length + 1);
    expect(new Set(failures.map(({ message }) => message))).toEqual(
      new Set([`no TLS handshake within ${registrationTimeout} ms`]),
    );
    expect(server.sessions().map(({ state }) => state)).toEqual(['registered']);
    known.destroy();
  });

  it.each(['tls', 'wss'] as const)(
    'of %s that is cut off at any byte affects no other, and is reported once',
    async (scheme) => {
      const { server, endpoint, port, failures } = await secureGate(scheme);
      const cuts = Array.from({ length: Math.ceil(hello().length / 9) }, (_, n) => 9 * n);
      for (const [n, cut] of cuts.entries()) {
        const { socket, closed } = await halfClient(port, hello().subarray(0, cut));
        if (n % 2 === 0) socket.resetAndDestroy();
        else socket.end();
        await closed;
      }
      await expect.poll(() => failures.length).toBe(cuts.length);
      expect(server.sessions()).toEqual([]);
      const known = await WireClient.open(endpoint, certificates().ca);
      expect(await known.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      known.destroy();
    },
  );

  it('that turns to garbage at any byte is rejected', async () => {
    const { server, port, failures } = await secureGate('tls');
    for (let at = 0; at < hello().length; at += 13) {
      const wrong = Buffer.from(hello());
      wrong.fill(0xff, at, at + 4);
      const { socket, closed } = await halfClient(port, wrong);
      // OpenSSL ignores some garbled bytes and answers; the client cannot continue in any case.
      socket.end(Buffer.alloc(64, 0xff));
      await closed;
    }
    await expect.poll(() => failures.length).toBe(Math.ceil(hello().length / 13));
    expect(server.sessions()).toEqual([]);
  });
});

describe('Mutual TLS', () => {
  const clients = {
    'no certificate': async () => ({}),
    'a self-signed certificate': () => certificates().untrustedClient('desk-1'),
    'a certificate of another authority': async () => {
      const others = await testCertificates();
      return others.client('desk-1');
    },
    "the server's certificate without its key": async () => {
      const { key } = await certificates().client('desk-1');
      const { cert } = certificates().server;
      return { cert, key };
    },
  };

  it.each(Object.keys(clients) as (keyof typeof clients)[])(
    'rejects clients with %s, and reads none of their messages',
    async (what) => {
      const { ca } = certificates();
      for (const scheme of ['tls', 'wss'] as const) {
        const { server, port, failures } = await secureGate(scheme, { tls: { ca } });
        const steps: string[] = [];
        server.on('step', ({ name }) => steps.push(name));
        let socket: TLSSocket;
        try {
          ({ socket } = secureClient(port, { ...(await clients[what]()), ca }));
        } catch {
          // Node itself detects that certificate and key do not match.
          expect(what).toContain('without its key');
          continue;
        }
        socket.write(`${JSON.stringify(registerRequest())}\n`);
        await closedOf(socket);
        await expect.poll(() => failures.length).toBe(1);
        expect(failures[0]).toMatchObject({ code: 'HANDSHAKE_FAILED' });
        expect(steps).toEqual([]);
      }
    },
  );
});
