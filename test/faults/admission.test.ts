import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { memoryPair, parseEndpoint, type Scheme } from '../../adapters/net/transports/index.js';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closedOf } from '../support/closed.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { WireClient } from '../support/wire-client.js';

const made: { certificates?: TestCertificates } = {};
beforeAll(async () => {
  made.certificates = await testCertificates();
});

/** A gate on one transport, closed at the end of the block. */
async function gateOn(scheme: Scheme, options: ServerOptions = {}) {
  const { cert = '', key = '' } = made.certificates?.server ?? {};
  const server = await createServer({
    listen: [parseEndpoint(`${scheme}://127.0.0.1:0`)],
    tls: { cert, key },
    ...options,
  });
  const [endpoint] = server.endpoints;
  if (!endpoint) throw new Error('the gate does not listen');
  const close = () => server.close();
  return { server, endpoint, port: endpoint.port, [Symbol.asyncDispose]: close };
}

/** Everything that a plain socket receives until the end. */
async function sentTo(port: number, first = ''): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  if (first !== '') socket.write(first);
  return text(socket);
}

const rejected = async (server: GateServer) => (await once(server, 'connection-rejected'))[0];

describe('A rejected connection', () => {
  const full = { maxConnections: 1 };

  it('GATE-6.4 gets server-busy on tcp before it has sent anything, and has no session', async () => {
    await using gate = await gateOn('tcp', full);
    await using desk = await lineClient(gate.port);
    await desk.ask(registerRequest());
    const told = rejected(gate.server);
    expect(JSON.parse(await sentTo(gate.port))).toEqual({
      messageName: 'EventError',
      referenceId: null,
      errorCode: 6,
      errorDescription: 'too many connections',
    });
    expect(await told).toMatchObject({
      remoteAddress: '127.0.0.1',
      reason: 'max-connections',
      retryAfter: null,
    });
    expect(gate.server.sessions()).toHaveLength(1);
    expect(gate.server.counts()).toMatchObject({
      accepted: 1,
      rejected: { 'max-connections': 1 },
      limits: { maxConnections: 1 },
      open: 1,
    });
    // The registered client is not affected, and when it disconnects its slot is released.
    expect(await desk.ask(registerRequest())).toMatchObject({ errorCode: 4 });
    desk.socket.end();
    await expect.poll(() => gate.server.counts().open).toBe(0);
    await using next = await lineClient(gate.port);
    expect(await next.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  it('GATE-6.4 gets 503 on ws, with Retry-After where the wait is known', async () => {
    const short = { exempt: [], penaltyMin: 1, penaltyRefused: 60_000 };
    await using gate = await gateOn('ws', short);
    const left = once(gate.server, 'handshake-failed');
    connect(gate.port, '127.0.0.1').end('not HTTP').resume();
    await left;
    const told = rejected(gate.server);
    const answer = await sentTo(gate.port, 'GET / HTTP/1.1\r\nHost: gate\r\n\r\n');
    const [, seconds] = /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: (\d+)\r\n/.exec(answer) ?? [];
    expect(Number(seconds)).toBeGreaterThan(55);
    expect(Number(seconds)).toBeLessThan(61);
    expect(await told).toMatchObject({ reason: 'penalty' });
  });

  it.each(['tls', 'wss'] as const)(
    'GATE-6.4 is closed on %s without a handshake',
    async (scheme) => {
      await using gate = await gateOn(scheme, full);
      const desk = await WireClient.open(gate.endpoint, made.certificates?.ca);
      const told = rejected(gate.server);
      const client = connectTls({ port: gate.port, host: '127.0.0.1', rejectUnauthorized: false });
      client.on('error', () => {});
      await closedOf(client);
      expect(client.getProtocol()).toBeNull();
      expect(await told).toMatchObject({ reason: 'max-connections' });
      desk.destroy();
    },
  );

  it('is notified on a custom transport too', async () => {
    await using gate = await gateOn('tcp', full);
    const [near, far] = memoryPair();
    gate.server.accept(far);
    const [second, secondFar] = memoryPair();
    gate.server.accept(secondFar);
    const said = await new Promise<string>((resolve) => {
      let all = '';
      second.start({
        data: (chunk) => {
          all += Buffer.from(chunk).toString();
        },
        end: () => second.close('done'),
        drain: () => {},
        fault: () => {},
        closed: () => resolve(all),
      });
    });
    expect(JSON.parse(said)).toMatchObject({ errorCode: 6 });
    near.destroy();
  });

  it('gets shutting-down while the gate shuts down', async () => {
    await using gate = await gateOn('tcp');
    void gate.server.close({ drainMs: 1 });
    const [near, far] = memoryPair();
    gate.server.accept(far);
    const said = await new Promise<string>((resolve) => {
      near.start({
        data: (chunk) => resolve(Buffer.from(chunk).toString()),
        end: () => {},
        drain: () => {},
        fault: () => {},
        closed: () => {},
      });
    });
    expect(JSON.parse(said)).toMatchObject({
      errorCode: 7,
      errorDescription: 'the server is shutting down',
    });
    near.destroy();
  });
});

describe('After event-loop delay', () => {
  it('the gate rejects new clients for a second, logs it once, and then accepts them again', async () => {
    await using gate = await gateOn('tcp', { exempt: [], maxLag: 100 });
    const problem = once(gate.server, 'problem');
    const end = performance.now() + 400;
    while (performance.now() < end);
    expect((await problem)[0]).toMatchObject({ code: 'OVERLOADED' });
    expect(gate.server.isOverloaded).toBe(true);
    expect(JSON.parse(await sentTo(gate.port))).toMatchObject({
      errorCode: 6,
      errorDescription: 'the event loop is overloaded',
      retryAfter: 1_000,
    });
    await expect.poll(() => gate.server.isOverloaded).toBe(false);
    await using desk = await lineClient(gate.port);
    expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });
});

describe('The registration deadline', () => {
  it('GATE-5.8 T1: runs from the accept: a slow TLS handshake leaves that much less time to register', async () => {
    await using gate = await gateOn('tls', { registrationTimeout: 1_000 });
    const connected = once(gate.server, 'connected');
    const raw = connect(gate.port, '127.0.0.1');
    await once(raw, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 400));
    const client = connectTls({ socket: raw, rejectUnauthorized: false });
    client.on('error', () => {});
    const [session] = await connected;
    expect(session.info().deadline).toBeLessThan(650);
    const gone = once(gate.server, 'disconnected');
    expect((await gone)[1]).toBe('registration-timeout');
    client.destroy();
  });
});
