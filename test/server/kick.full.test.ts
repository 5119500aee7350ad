import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../adapters/client/index.js';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { OptionError } from '../../adapters/runtime/errors.js';
import type { ServerOptions } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();
afterEach(() => vi.restoreAllMocks());

const kicked = {
  messageName: 'EventError',
  referenceId: null,
  errorCode: 14,
  errorDescription: 'disconnected by an operator',
};

/** A gate and a client of this package that comes back quickly. */
async function withClient(options: ServerOptions = {}, gates = 1) {
  const opened = await Promise.all(Array.from({ length: gates }, () => openGate(options)));
  const endpoints = opened.map(({ server }) => formatEndpoint(server.endpoints[0] as never));
  const client = createClient({
    endpoints,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    reconnect: { initialDelay: 1, maxDelay: 5, spread: 5 },
  });
  const [first] = opened;
  if (!first) throw new Error('there is no gate');
  return { ...first, servers: opened.map(({ server }) => server), kicking: client };
}

describe('a kicked client', () => {
  it('gets EventError kicked and is disconnected, registered or not, without a penalty', async () => {
    const { server, client } = await openGate({ exempt: [], maxErrors: 1 });
    const ends: string[] = [];
    server.on('disconnected', (session, reason) =>
      ends.push(`${session.info().clientName} ${reason}`),
    );
    const desk = await client();
    await desk.ask(registerRequest());
    const silent = await client();
    await expect.poll(() => server.sessions().length).toBe(2);
    for (const { id } of server.sessions()) server.session(id)?.kick();
    for (const one of [desk, silent]) {
      expect(await one.next()).toEqual(kicked);
      expect(await one.next()).toBeNull();
    }
    expect(ends).toEqual(['desk-1 kicked', 'null kicked']);
    expect(server.counts().outcomes).toMatchObject({ registered: 1, closed: 1 });
    expect(server.admission.penalties()).toEqual([]);
  });

  it('that waits for its verdict gets no answer to the registration', async () => {
    let decide: (valid: boolean) => void = () => {};
    const { server, client } = await openGate({
      validator: () =>
        new Promise((resolve) => {
          decide = resolve;
        }),
    });
    const desk = await client();
    desk.say(registerRequest());
    await expect.poll(() => server.sessions()[0]?.state).toMatch(/^validating/);
    server.session(server.sessions()[0]?.id ?? '')?.kick({ reason: 'not now', retryAfter: 5_000 });
    decide(true);
    expect(await desk.next()).toEqual({
      ...kicked,
      errorDescription: 'disconnected by an operator: not now',
      retryAfter: 5_000,
    });
    expect(await desk.next()).toBeNull();
    expect(server.counts().registered).toBe(0);
  });

  it('of a proxy is reported to the proxy, whose other clients stay', async () => {
    const { server, client } = await openGate({
      proxyClients: 10,
      onMessage: ({ reply }) => void reply.ack(),
    });
    const proxy = await client();
    await proxy.ask(registerRequest({ clientName: 'proxy', clientType: 'Proxy' }));
    for (const proxyClientId of [1, 2]) {
      await proxy.ask(registerRequest({ clientName: `agent-${proxyClientId}`, proxyClientId }));
    }
    const one = server.sessions().find(({ clientName }) => clientName === 'agent-1');
    server.session(one?.id ?? '')?.kick({ retryAfter: 1_000 });
    expect(await proxy.next()).toEqual({ ...kicked, retryAfter: 1_000, proxyClientId: 1 });
    expect(await proxy.next()).toMatchObject({
      messageName: 'EventClientDisconnected',
      ...{ proxyClientId: 1, reason: 'kicked' },
    });
    expect(
      await proxy.ask({ messageName: 'RequestX', referenceId: 7, proxyClientId: 2 }),
    ).toMatchObject({
      messageName: 'EventAck',
    });
  });

  it('of a draining gate behind a proxy is refused as a new one', async () => {
    const { server, client } = await openGate({ proxyClients: 10 });
    const proxy = await client();
    await proxy.ask(registerRequest({ clientName: 'proxy', clientType: 'Proxy' }));
    await proxy.ask(registerRequest({ clientName: 'agent-1', proxyClientId: 1 }));
    server.setDraining(true);
    expect(await proxy.ask(registerRequest({ proxyClientId: 2 }))).toMatchObject({
      ...{ errorCode: 7, proxyClientId: 2 },
    });
    server.setDraining(false);
    expect(await proxy.ask(registerRequest({ proxyClientId: 2 }))).toMatchObject({
      messageName: 'EventAck',
    });
    expect(server.counts().registered).toBe(3);
  });

  it.each([
    ['reason', { reason: '' }],
    ['reason', { reason: 'x'.repeat(201) }],
    ['retryAfter', { retryAfter: 0 }],
    ['retryAfter', { retryAfter: 1.5 }],
    ['retryAfter', { retryAfter: 86_400_001 }],
  ])('cannot be kicked with an invalid %s: %j', async (option, options) => {
    const { server, client } = await openGate();
    const desk = await client();
    await desk.ask(registerRequest());
    const session = server.session(server.sessions()[0]?.id ?? '');
    expect(() => session?.kick(options)).toThrow(
      expect.objectContaining({ name: OptionError.name, option }),
    );
    expect(session?.isRegistered).toBe(true);
  });
});

describe('a client of this package that is kicked', () => {
  it('gives up with a clear error when it is not told when to come back', async () => {
    const { server, kicking } = await withClient();
    await using _client = kicking;
    await kicking.registered;
    const stopped = once(kicking, 'stopped');
    server.session(server.sessions()[0]?.id ?? '')?.kick({ reason: 'abuse' });
    const [error] = await stopped;
    expect(error).toMatchObject({
      ...{ code: 'REGISTRATION_LOST', errorName: 'kicked', retryAfter: null },
      errorDescription: 'disconnected by an operator: abuse',
    });
  });

  it('comes back after retryAfter, and not before, nor to another endpoint', async () => {
    const { servers, kicking } = await withClient({}, 2);
    await using _client = kicking;
    await kicking.registered;
    const waiting = once(kicking, 'waiting');
    const again = once(kicking, 'registered');
    const at = performance.now();
    const [server] = servers.filter((one) => one.sessions().length > 0);
    server?.session(server.sessions()[0]?.id ?? '')?.kick({ retryAfter: 300 });
    const [delay] = (await waiting) as [number];
    expect(delay).toBeGreaterThanOrEqual(300);
    expect(delay).toBeLessThanOrEqual(305);
    await again;
    expect(performance.now() - at).toBeGreaterThan(290);
    expect(servers.map((one) => one.counts().accepted).reduce((sum, one) => sum + one)).toBe(2);
  });

  it('does the same when it is kicked before it is registered', async () => {
    for (const retryAfter of [undefined, 300]) {
      const { server, kicking } = await withClient({ validator: () => new Promise(() => {}) });
      await using _client = kicking;
      const refused = once(kicking, 'refused');
      await expect.poll(() => server.sessions()[0]?.state).toMatch(/^validating/);
      const next = once(kicking, retryAfter === undefined ? 'stopped' : 'waiting');
      server
        .session(server.sessions()[0]?.id ?? '')
        ?.kick(retryAfter === undefined ? {} : { retryAfter });
      expect((await refused)[0]).toMatchObject({
        errorName: 'kicked',
        retryAfter: retryAfter ?? null,
      });
      const [what] = await next;
      if (retryAfter === undefined) expect(what).toMatchObject({ code: 'REGISTRATION_REFUSED' });
      else expect(what).toBeGreaterThanOrEqual(retryAfter);
    }
  });
});
