import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { schemes } from '../../adapters/net/transports/endpoint.js';
import { formatEndpoint } from '../../adapters/net/transports/index.js';
import { invalid, type ServerOptions } from '../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { client, codeOf, rejection, tidyAfterEach } from './scripted-server.js';

closeGatesAfterEach();
tidyAfterEach();

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

/** A gate on every transport, with the options a client needs to reach it. */
async function everywhere(options: ServerOptions = {}) {
  const { server } = await openGate({
    listen: schemes.map((scheme) => `${scheme}://127.0.0.1:0`),
    // Without its `ca`: that would ask the clients for certificates.
    tls: { cert: certificates.server.cert, key: certificates.server.key },
    ...options,
  });
  const at = Object.fromEntries(server.endpoints.map((one) => [one.scheme, formatEndpoint(one)]));
  const trust = { tls: { ca: certificates.ca } };
  return { server, at: at as Record<(typeof schemes)[number], string>, trust };
}

describe.each(schemes)('over %s a client of the gate', (scheme) => {
  it('registers, asks, is answered, is refused, and closes', async () => {
    const { server, at, trust } = await everywhere({
      onMessage: ({ message, reply }) => {
        if (message.messageName === 'RequestAgentLogin') reply.ack({ place: 'p1' });
        else if (message.messageName === 'RequestNews')
          reply.send({ messageName: 'EventNews', referenceId: null, headline: 'late' });
        else reply.error(51, 'never heard of it');
      },
    });
    const { client: desk } = client(at[scheme], { ...trust, proxyClientId: 12 });
    expect(await desk.registered).toMatchObject({
      endpoint: at[scheme],
      ack: { messageName: 'EventAck', referenceId: 1, proxyClientId: 12 },
    });
    expect(server.sessions()).toMatchObject([{ state: 'registered', clientName: 'desk-1' }]);
    expect(await desk.request({ messageName: 'RequestAgentLogin' })).toMatchObject({ place: 'p1' });
    expect(await rejection(desk.request({ messageName: 'RequestX' }))).toMatchObject({
      errorCode: 51,
      errorDescription: 'never heard of it',
    });
    expect(await rejection(desk.request({ messageName: 'RequestRegisterClient' }))).toMatchObject({
      errorCode: 4,
    });
    desk.send({ messageName: 'RequestNews' });
    expect(await once(desk, 'event')).toMatchObject([{ headline: 'late' }]);
    const left = once(server, 'disconnected');
    await desk.close();
    expect((await left)[1]).toBe('peer-closed');
    expect(server.sessions()).toEqual([]);
  });

  it('that is not valid is refused with code and text', async () => {
    const { at, trust } = await everywhere({ validator: () => invalid('unknown name') });
    expect(await rejection(client(at[scheme], trust).client.registered)).toMatchObject({
      errorCode: 2,
      errorName: 'invalid-client',
      errorDescription: 'client is not valid: unknown name',
    });
  });

  it('gets the shutdown notice, and reconnects to the next gate', async () => {
    const first = await everywhere();
    const { client: desk, journal } = client(first.at[scheme], {
      ...first.trust,
      reconnect: { initialDelay: 10, maxDelay: 50 },
    });
    await desk.registered;
    const gone = once(desk, 'disconnected');
    await first.server.close();
    await gone;
    expect(journal.slice(2, 4)).toEqual([
      'event EventError',
      'disconnected peer-closed DISCONNECTED',
    ]);
    const again = once(desk, 'registered');
    await everywhere({ listen: [first.at[scheme]] });
    await again;
    expect(desk.state).toBe('online');
  });

  it('takes a long answer in one piece', async () => {
    const text = 'ü'.repeat(200_000);
    const { at, trust } = await everywhere({
      onMessage: ({ reply }) => {
        reply.ack({ text });
      },
    });
    const { client: desk } = client(at[scheme], trust);
    await desk.registered;
    expect((await desk.request({ messageName: 'RequestText' })).text).toBe(text);
    const { client: narrow } = client(at[scheme], { ...trust, maxFrame: 1_000 });
    await narrow.registered;
    expect(codeOf(await rejection(narrow.request({ messageName: 'RequestText' })))).toBe(
      'PROTOCOL_ERROR',
    );
  });
});

describe('over TLS a client', () => {
  it.each(['tls', 'wss'] as const)(
    'of %s does not talk to a gate that it cannot verify',
    async (scheme) => {
      const { at, server } = await everywhere();
      const { client: desk } = client(at[scheme]);
      expect(codeOf(await rejection(desk.registered))).toBe('CONNECT_FAILED');
      expect(server.sessions()).toEqual([]);
      const { client: careless } = client(at[scheme], { tls: { insecure: true } });
      await careless.registered;
    },
  );
});

describe('over mutual TLS a client', () => {
  it.each(['tls', 'wss'] as const)(
    'of %s without a certificate gets the reason',
    async (scheme) => {
      const { cert, key } = certificates.server;
      const { at, server } = await everywhere({ tls: { cert, key, ca: certificates.ca } });
      const { client: desk } = client(at[scheme], {
        tls: { ca: certificates.ca },
        reconnect: false,
      });
      expect(((await rejection(desk.registered)) as Error).message).toMatch(/certificate required/);
      const { client: shown } = client(at[scheme], {
        tls: { ...(await certificates.client('desk-1')), ca: certificates.ca },
      });
      await shown.registered;
      expect(server.sessions()).toMatchObject([{ certificateSubject: 'desk-1' }]);
    },
  );
});

describe('a closed client', () => {
  it('has left nothing: no timer, no socket', async () => {
    const { at, trust, server } = await everywhere();
    const before = process.getActiveResourcesInfo();
    const added = () => {
      const known = [...before];
      return process.getActiveResourcesInfo().filter((name) => {
        const at = known.indexOf(name);
        if (at >= 0) known.splice(at, 1);
        return at < 0 && name !== 'Immediate';
      });
    };
    for (const scheme of schemes) {
      const { client: desk } = client(at[scheme], trust);
      await desk.registered;
      const pending = rejection(desk.request({ messageName: 'RequestX' }));
      const left = once(server, 'disconnected');
      await desk.close();
      await Promise.all([pending, left]);
    }
    // The gate's own sockets take a moment more; a request's timer would stay for ten seconds.
    await expect.poll(added).toEqual([]);
  });
});
