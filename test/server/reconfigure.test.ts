import { once } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { OptionError } from '../../adapters/runtime/errors.js';
import {
  createServer,
  type GateServer,
  type ServerOptions,
  type Verdict,
} from '../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { visit } from '../support/tls-visits.js';
import { WireClient } from '../support/wire-client.js';

closeGatesAfterEach();

const ack = { messageName: 'EventAck' };
const refused = { messageName: 'EventError', errorCode: 2 };

describe('options that cannot be used', () => {
  it.each<[string, ServerOptions]>([
    ['a deadline', { registrationTimeout: 0 }],
    ['a limit', { maxErrors: 0 }],
    ['a rate', { registrationRate: { perSecond: 1, burst: 0 } }],
    ['an exempt address', { exempt: ['somewhere'] }],
    ['an origin', { allowOrigin: ['desk'] }],
    ['an error number', { errorCodes: { 'invalid-client': 1.5 } }],
    ['two penalties', { penaltyMin: 10, penaltyMax: 9 }],
  ])('change nothing, whatever else is right beside them: %s', async (_what, wrong) => {
    const { server, client } = await openGate({ maxFrame: 128, maxFrameUnregistered: 128 });
    const right = { maxFrame: 4_096, maxFrameUnregistered: 4_096, validator: () => false };
    expect(() => server.reconfigure({ ...right, ...wrong })).toThrow(OptionError);
    await using one = await client();
    expect(await one.ask(registerRequest())).toMatchObject(ack);
    expect(await one.ask({ messageName: 'X', padding: 'x'.repeat(200) })).toMatchObject({
      errorDescription: expect.stringContaining('128'),
    });
  });
});

describe('deadlines', () => {
  it('of sessions that are there stay as they began; those that come have the new ones', async () => {
    const { server, client } = await openGate({ registrationTimeout: 60_000 });
    const connected = once(server, 'connected');
    await using early = await client();
    await connected;
    server.reconfigure({ registrationTimeout: 100 });
    await using late = await client();
    await late.ended;
    expect(server.counts().outcomes).toMatchObject({ 'timed-out': 1 });
    // The rest of it.
    expect(server.sessions()[0]?.deadline).toBeGreaterThan(10_000);
    expect(await early.ask(registerRequest())).toMatchObject(ack);
  });

  it('that run are not put off', async () => {
    const { server, client } = await openGate({ registrationTimeout: 200, rejectionTimeout: 200 });
    await using silent = await client();
    await using refusedOne = await client();
    expect(await refusedOne.ask({ messageName: 'X' })).toMatchObject({ errorCode: 1 });
    server.reconfigure({ registrationTimeout: 60_000, rejectionTimeout: 60_000 });
    await Promise.all([silent.ended, refusedOne.ended]);
    expect(server.counts().outcomes).toMatchObject({ 'timed-out': 1, refused: 1 });
  });
});

describe('from now on holds', () => {
  it('another validator, for those that wait for their turn too; one that is asked goes on', async () => {
    const asked: ((verdict: Verdict) => void)[] = [];
    let called: () => void = () => {};
    const { server, client } = await openGate({
      maxValidations: 1,
      validator: () =>
        new Promise((resolve) => {
          asked.push(resolve);
          called();
        }),
    });
    const first = new Promise<void>((resolve) => {
      called = resolve;
    });
    await using one = await client();
    one.say(registerRequest());
    await first;
    await using two = await client();
    two.say(registerRequest());
    await waitingFor(server, 1);
    server.reconfigure({ maxValidations: 1, validator: () => ({ valid: false, reason: 'new' }) });
    asked[0]?.({ valid: true });
    expect(await one.next()).toMatchObject(ack);
    expect(await two.next()).toMatchObject({ errorDescription: 'client is not valid: new' });
    expect(asked).toHaveLength(1);
  });

  it('more validations at once: those that waited begin', async () => {
    const validator = () => new Promise<boolean>(() => {});
    const { server, client } = await openGate({ maxValidations: 1, validator });
    await using one = await client();
    await using two = await client();
    await using three = await client();
    for (const each of [one, two, three]) each.say(registerRequest());
    await waitingFor(server, 2);
    server.reconfigure({ maxValidations: 2, validator });
    expect(server.counts()).toMatchObject({ validationsRunning: 2, validationsWaiting: 1 });
    server.reconfigure({ maxValidations: 1, validator });
    expect(server.counts()).toMatchObject({ validationsRunning: 2, validationsWaiting: 1 });
  });

  it('other error numbers', async () => {
    const { server, client } = await openGate();
    await using one = await client();
    expect(await one.ask({ messageName: 'X' })).toMatchObject({ errorCode: 1 });
    server.reconfigure({ errorCodes: { 'not-registered': 101 } });
    expect(await one.ask({ messageName: 'X' })).toMatchObject({ errorCode: 101 });
  });

  it('other limits, for those that are there too: errors, frames', async () => {
    const { server, client } = await openGate();
    await using registered = await client();
    await registered.ask(registerRequest());
    await using unregistered = await client();
    await unregistered.ask({ messageName: 'X' });
    server.reconfigure({ maxErrors: 2, maxFrame: 128 });
    expect(await unregistered.ask({ messageName: 'X' })).toMatchObject({ errorCode: 1 });
    expect(await unregistered.next()).toBeNull();
    expect(await registered.ask({ messageName: 'X', padding: 'x'.repeat(200) })).toMatchObject({
      errorCode: 5,
    });
    expect(server.counts().limits).toMatchObject({ maxErrors: 1, maxFrame: 1 });
  });

  it('fewer connections: open ones stay, and new ones are rejected', async () => {
    const { server, client } = await openGate();
    await using one = await client();
    await using two = await client();
    await one.ask(registerRequest());
    await two.ask(registerRequest());
    server.reconfigure({ maxConnections: 1 });
    await using three = await client();
    expect(await three.next()).toMatchObject({ errorCode: 6 });
    for (const each of [one, two]) {
      each.say(registerRequest({ referenceId: 2 }));
      expect(await each.next()).toMatchObject({ errorCode: 4, referenceId: 2 });
    }
  });

  it('another limit per address, which counts the open connections', async () => {
    const { server, client } = await openGate({ exempt: [], maxUnregisteredPerAddress: 8 });
    const connected = once(server, 'connected');
    await using _one = await client();
    await connected;
    server.reconfigure({ exempt: [], maxUnregisteredPerAddress: 1 });
    await using two = await client();
    expect(await two.next()).toMatchObject({ errorCode: 6 });
    server.reconfigure({ exempt: ['127.0.0.1'], maxUnregisteredPerAddress: 1 });
    await using three = await client();
    expect(await three.ask(registerRequest())).toMatchObject(ack);
  });

  it('other origins whose pages may come', async () => {
    const { server, port } = await openGate({ listen: ['ws://127.0.0.1:0'] });
    const origin = 'https://desk.example';
    expect(await statusFor(port, origin)).toBe(403);
    server.reconfigure({ allowOrigin: [origin] });
    expect(await statusFor(port, origin)).toBe(101);
    server.reconfigure({ allowOrigin: null });
    expect(await statusFor(port, origin)).toBe(403);
  });

  it('T46: an option that is left out stays as it is, the validator and onMessage too', async () => {
    const { server, client } = await openGate({
      validator: ({ clientName }) => clientName === 'desk-1',
      onMessage: ({ reply }) => reply.ack({ handled: true }),
    });
    server.reconfigure({ registrationTimeout: 20_000 });
    server.reconfigure({ validator: undefined, onMessage: undefined });
    await using unregistered = await client();
    expect(await unregistered.ask(registerRequest({ clientName: 'desk-9' }))).toMatchObject(
      refused,
    );
    await using one = await client();
    expect(await one.ask(registerRequest())).toMatchObject(ack);
    expect(await one.ask({ messageName: 'X', referenceId: 2 })).toMatchObject({ handled: true });
  });

  it('T46: null restores the default of an option', async () => {
    const { server, client } = await openGate({ validator: () => false });
    await using one = await client();
    expect(await one.ask(registerRequest())).toMatchObject(refused);
    server.reconfigure({ validator: null });
    expect(await one.ask(registerRequest())).toMatchObject(ack);
  });

  it('T47: an unknown option is rejected with the nearest name, at the start and later', async () => {
    const misspelled = { registrationTimout: 1 } as ServerOptions;
    const problem = 'unknown option registrationTimout; did you mean registrationTimeout?';
    await expect(createServer(misspelled)).rejects.toThrow(problem);
    const { server } = await openGate();
    expect(() => server.reconfigure(misspelled)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION', message: problem }),
    );
  });
});

describe('certificates', () => {
  let made: TestCertificates;
  /** Without an authority: clients need no certificate. */
  let plain: { cert: string; key: string };
  let client: ConnectionOptions;
  beforeAll(async () => {
    made = await testCertificates();
    const { cert, key } = await made.client('desk-1');
    client = { ca: made.ca, cert, key };
    plain = { cert: made.server.cert, key: made.server.key };
  });

  const secure = ['tls', 'wss'] as const;
  const open = async (scheme: (typeof secure)[number], tls: ServerOptions['tls']) => {
    const { server } = await openGate({ listen: [`${scheme}://127.0.0.1:0`], tls });
    const [endpoint] = server.endpoints;
    if (!endpoint) throw new Error('it does not listen');
    return { server, endpoint };
  };

  it.each(secure)('of %s: the next handshake sees the new one', async (scheme) => {
    const { server, endpoint } = await open(scheme, plain);
    const before = await visit(endpoint, { ca: made.ca });
    expect(before.answer).not.toBeNull();
    const other = await selfSigned();
    server.reconfigure({ tls: { cert: other.cert, key: other.key } });
    const after = await visit(endpoint, { ca: other.ca });
    expect(after.answer).not.toBeNull();
    expect(after.fingerprint).not.toBe(before.fingerprint);
  });

  it.each(secure)('of %s that do not match change nothing', async (scheme) => {
    const { server, endpoint } = await open(scheme, plain);
    const other = await selfSigned();
    const wrong = [
      { cert: other.cert, key: made.server.key },
      { cert: made.server.cert, key: 'no key' },
      { cert: 'no certificate', key: made.server.key },
      { cert: made.server.cert },
      null,
      { ...other, ca: 'no certificate' },
      { ...other, ca: '' },
      { ...other, ca: `${made.ca}\n${made.ca.slice(0, 200)}` },
      { ...other, ca: made.ca.replace(/^(.*\n).*\n/, '$1') },
    ];
    const before = await visit(endpoint, { ca: made.ca });
    for (const tls of wrong) {
      expect(() => server.reconfigure({ tls, validator: () => false })).toThrow();
      const after = await visit(endpoint, { ca: made.ca });
      expect(after).toMatchObject({ answer: before.answer, fingerprint: before.fingerprint });
    }
  });

  it.each(secure)(
    'of clients are asked for by %s as soon as there is an authority, and no longer than that',
    async (scheme) => {
      const { server, endpoint } = await open(scheme, plain);
      expect((await visit(endpoint, { ca: made.ca })).answer).not.toBeNull();
      server.reconfigure({ tls: { ...plain, ca: made.ca } });
      expect((await visit(endpoint, { ca: made.ca })).answer).toBeNull();
      expect((await visit(endpoint, client)).answer).not.toBeNull();
      const untrusted = await made.untrustedClient('desk-1');
      expect(
        (await visit(endpoint, { ca: made.ca, cert: untrusted.cert, key: untrusted.key })).answer,
      ).toBeNull();
      server.reconfigure({ tls: plain });
      expect((await visit(endpoint, { ca: made.ca })).answer).not.toBeNull();
    },
  );

  const versions = secure.flatMap((scheme) => [
    [scheme, 'TLSv1.2'] as const,
    [scheme, 'TLSv1.3'] as const,
  ]);
  it.each(versions)(
    'of clients are not spared by a ticket from before they were asked for: %s, %s',
    async (scheme, version) => {
      const { server, endpoint } = await open(scheme, plain);
      const options = { ca: made.ca, minVersion: version, maxVersion: version, host: '127.0.0.1' };
      const first = await visit(endpoint, options);
      const session = first.session;
      if (!session) throw new Error('there was no ticket');
      // Before the change it works.
      expect(await visit(endpoint, { ...options, session })).toMatchObject({ isResumed: true });
      server.reconfigure({ tls: { ...plain, ca: made.ca } });
      expect(await visit(endpoint, { ...options, session })).toMatchObject({
        answer: null,
      });
      // Nor by one that another authority's client got.
      const known = await visit(endpoint, { ...options, ...client });
      expect(known.answer).not.toBeNull();
      const other = await selfSigned({ subject: 'another authority', hosts: [] });
      server.reconfigure({ tls: { ...plain, ca: other.cert } });
      expect(
        await visit(endpoint, { ...options, ...client, session: known.session ?? session }),
      ).toMatchObject({
        answer: null,
      });
    },
  );

  it('that are new disconnect no client', async () => {
    const { server, endpoint } = await open('tls', plain);
    const there = await WireClient.open(endpoint, made.ca);
    expect(await there.ask(registerRequest())).toMatchObject(ack);
    server.reconfigure({ tls: { ...(await selfSigned()), ca: made.ca } });
    expect(await there.ask(registerRequest({ referenceId: 2 }))).toMatchObject({ errorCode: 4 });
    there.destroy();
  });
});

/** Resolves when so many registrations wait for their validation. */
async function waitingFor(server: GateServer, waiting: number): Promise<void> {
  while (server.counts().validationsWaiting < waiting) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The status with which the upgrade of a page's WebSocket is answered. */
async function statusFor(port: number, origin: string): Promise<number | undefined> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/`, { origin });
  webSocket.on('error', () => {});
  return new Promise((resolve) => {
    webSocket.once('upgrade', (response) => resolve(response.statusCode));
    webSocket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
  }).finally(() => webSocket.terminate()) as Promise<number | undefined>;
}
