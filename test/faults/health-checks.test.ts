import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { createServer, type ServerOptions } from '../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closedOf } from '../support/closed.js';

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

const schemes = ['tcp', 'tls', 'ws', 'wss'] as const;
type Scheme = (typeof schemes)[number];

/** A server where the first penalty already locks the address out. */
async function open(scheme: Scheme, options: ServerOptions = {}) {
  const { cert, key } = certificates.server;
  const server = await createServer({
    listen: [`${scheme}://127.0.0.1:0`],
    tls: { cert, key },
    exempt: [],
    maxLag: 60_000,
    penaltyMin: 1,
    ...options,
  });
  return { server, port: server.endpoints[0]?.port ?? 0 };
}

const bare = (port: number) => connect({ host: '127.0.0.1', port, localAddress: '127.0.0.5' });

/** Sends a text over the scheme's bare transport and returns everything that the server sent until the end. */
async function answered(scheme: Scheme, port: number, text: string): Promise<string> {
  const socket = bare(port);
  const { ca } = certificates;
  const stream = scheme === 'wss' ? connectTls({ socket, ca, servername: 'localhost' }) : socket;
  const chunks: Buffer[] = [];
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = closedOf(socket);
  stream.write(text);
  await closed;
  return String(Buffer.concat(chunks));
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: gate\r\n\r\n`;

describe('Health checks', () => {
  it.each(schemes)(
    'T74: %s: connections that close or reset at once get no penalty',
    async (scheme) => {
      const { server, port } = await open(scheme);
      await using _ = server;
      for (let time = 1; time <= 10; time += 1) {
        const socket = bare(port).resume();
        socket.on('error', () => {});
        await once(socket, 'connect');
        if (time % 2 === 0) socket.resetAndDestroy();
        else socket.end();
        await closedOf(socket);
        // A reset may reach the server before it accepts; then there is no connection.
        await expect.poll(() => server.counts().open, { interval: 5 }).toBe(0);
      }
      expect(server.counts().accepted).toBeGreaterThanOrEqual(5);
      expect(server.counts().rejected.penalty).toBe(0);
      expect(server.admission.admit('127.0.0.5')).not.toHaveProperty('cause');
    },
  );

  it.each(['ws', 'wss'] as const)(
    'T74: %s: GET /healthz is answered 200, other plain requests 426, without a penalty',
    async (scheme) => {
      const { server, port } = await open(scheme);
      await using _ = server;
      for (let time = 1; time <= 5; time += 1) {
        const answer = await answered(scheme, port, get('/healthz'));
        expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
        expect(answer).toMatch(/accepting connections\n/);
        expect(await answered(scheme, port, get('/'))).toMatch(/^HTTP\/1\.1 426 /);
      }
      await expect.poll(() => server.counts().outcomes['handshake-failed']).toBe(10);
      expect(server.counts().rejected.penalty).toBe(0);
    },
  );

  it('T74: ws: GET /healthz is answered 503 while the server closes', async () => {
    const { server, port } = await open('ws');
    await using _ = server;
    server.admission.closing = true;
    const answer = await answered('ws', port, get('/healthz'));
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(answer).toMatch(/\r\n\r\nnot accepting connections\n$/);
  });

  it.each(schemes)(
    'T74: %s: a flood of them gets penalties after a burst of 10',
    async (scheme) => {
      const { server, port } = await open(scheme, { penaltySilent: 600_000 });
      await using _ = server;
      let times = 0;
      while (server.counts().rejected.penalty === 0 && times < 200) {
        const socket = bare(port).resume();
        socket.on('error', () => {});
        await once(socket, 'connect');
        socket.end();
        await closedOf(socket);
        times += 1;
      }
      expect(times).toBeGreaterThan(10);
      expect(times).toBeLessThan(200);
    },
  );

  it.each(['tls', 'ws', 'wss'] as const)(
    'T74: %s: a client that sent garbage gets its penalty at once',
    async (scheme) => {
      const { server, port } = await open(scheme);
      await using _ = server;
      const socket = bare(port).resume();
      socket.on('error', () => {});
      socket.write('garbage\r\n\r\n');
      await closedOf(socket);
      await expect.poll(() => server.counts().open).toBe(0);
      expect(server.admission.admit('127.0.0.5')).toMatchObject({ reason: 'penalty' });
    },
  );

  it.each(schemes)(
    'T74: %s: a client that is silent until the deadline gets penaltyTimeout',
    async (scheme) => {
      const { server, port } = await open(scheme, { registrationTimeout: 50, penaltySilent: 0 });
      await using _ = server;
      const socket = bare(port).resume();
      socket.on('error', () => {});
      await closedOf(socket);
      await expect.poll(() => server.counts().open).toBe(0);
      expect(server.admission.admit('127.0.0.5')).toMatchObject({ reason: 'penalty' });
    },
  );
});
