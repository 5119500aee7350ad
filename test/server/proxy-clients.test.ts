import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../adapters/server/index.js';
import type { StepRecord } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type Line, type LineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const open: LineClient[] = [];
// A client that stays would keep its gate open for a second.
afterEach(() => {
  for (const one of open.splice(0)) one.socket.destroy();
});

const register = (proxyClientId: number, changes: Line = {}) =>
  registerRequest({ clientName: `agent-${proxyClientId}`, proxyClientId, ...changes });
const unregister = (proxyClientId: number) => ({
  messageName: 'RequestUnregisterClient',
  referenceId: 9,
  proxyClientId,
});

/** A gate with a registered proxy. */
async function proxyOf(options: ServerOptions = {}, clientType = 'Proxy') {
  const steps: StepRecord[] = [];
  const { server, client } = await openGate({
    proxyClients: 10,
    onMessage: ({ message, session, reply }) =>
      void reply.ack({ heard: message.messageName, from: session.info().clientName }),
    ...options,
  });
  server.on('step', (step) => steps.push(step));
  const proxy = await client();
  open.push(proxy);
  await proxy.ask(registerRequest({ clientName: 'proxy-1', clientType }));
  /** The session of a client of the proxy. */
  const clientOf = (proxyClientId: number) =>
    server.sessions().find((info) => info.carrier !== null && info.proxyClientId === proxyClientId);
  return { server, client, proxy, steps, clientOf };
}

describe('the clients of a proxy', () => {
  it('GATE-10.2 register one by one on its connection, each with its own verdict and session', async () => {
    const { proxy, server } = await proxyOf({
      validator: ({ clientName }) => clientName !== 'agent-2',
    });
    const answers = [
      await proxy.ask(register(1, { referenceId: 11 })),
      await proxy.ask(register(2, { referenceId: 12 })),
      await proxy.ask(register(-3, { referenceId: 13 })),
    ];
    expect(answers).toMatchObject([
      { messageName: 'EventAck', referenceId: 11, proxyClientId: 1 },
      { messageName: 'EventError', referenceId: 12, proxyClientId: 2, errorCode: 2 },
      { messageName: 'EventAck', referenceId: 13, proxyClientId: -3 },
    ]);
    const [carrier, ...clients] = server.sessions();
    expect(carrier).toMatchObject({ clientName: 'proxy-1', carrier: null, state: 'registered' });
    expect(clients).toMatchObject([
      { carrier: carrier?.id, proxyClientId: 1, clientName: 'agent-1', state: 'registered' },
      { carrier: carrier?.id, proxyClientId: 2, clientName: null, state: 'awaiting/rejection' },
      { carrier: carrier?.id, proxyClientId: -3, clientName: 'agent--3', state: 'registered' },
    ]);
    expect(new Set(clients.map(({ id }) => id)).size).toBe(3);
    expect(server.counts()).toMatchObject({ accepted: 1, open: 1, registered: 3 });
  });

  it('GATE-10.1 GATE-10.3 are who their messages come from; the proxy speaks for itself without a proxyClientId', async () => {
    const { proxy } = await proxyOf();
    await proxy.ask(register(1));
    const request = { messageName: 'RequestAgentLogin', referenceId: 5 };
    expect(await proxy.ask({ ...request, proxyClientId: 1 })).toEqual({
      messageName: 'EventAck',
      referenceId: 5,
      heard: 'RequestAgentLogin',
      from: 'agent-1',
      proxyClientId: 1,
    });
    expect(await proxy.ask(request)).toMatchObject({ from: 'proxy-1' });
  });

  it('have their own steps, which name the session of the connection', async () => {
    const { proxy, steps, server, clientOf } = await proxyOf();
    await proxy.ask(register(1));
    const id = clientOf(1)?.id;
    const carrier = server.sessions()[0]?.id;
    const own = steps.filter(({ session }) => session === id);
    expect(own).toMatchObject([
      { seq: 1, carrier, name: 'Connected', to: 'awaiting/registration' },
      { seq: 2, carrier, name: 'RequestRegisterClient', to: 'validating/registration' },
      { seq: 3, carrier, name: 'EventAck', to: 'registered', payload: { proxyClientId: 1 } },
    ]);
    const others = steps.filter(({ session }) => session === carrier);
    expect(others.map(({ name }) => name)).toEqual([
      'Connected',
      'RequestRegisterClient',
      'EventAck',
    ]);
    expect(others.some((step) => 'carrier' in step)).toBe(false);
  });

  it('GATE-10.2 GATE-10.5 are refused like others when they send another message first, and have their own deadlines', async () => {
    const { proxy, server } = await proxyOf({ registrationTimeout: 5_000, rejectionTimeout: 50 });
    await proxy.ask(register(1));
    const ping = { messageName: 'RequestPing', referenceId: 5 };
    expect(await proxy.ask({ ...ping, proxyClientId: 2 })).toMatchObject({
      messageName: 'EventError',
      errorCode: 1,
      proxyClientId: 2,
    });
    expect(await proxy.next()).toEqual({
      messageName: 'EventClientDisconnected',
      referenceId: null,
      proxyClientId: 2,
      reason: 'rejection-timeout',
    });
    // The others are not affected, and the id is free.
    expect(await proxy.ask({ ...ping, proxyClientId: 1 })).toMatchObject({ from: 'agent-1' });
    expect(await proxy.ask(register(2))).toMatchObject({ messageName: 'EventAck' });
    expect(server.sessions()).toHaveLength(3);
  });

  it('GATE-10.2 have their own limit of errors', async () => {
    const { proxy } = await proxyOf({ maxErrors: 2, rejectionTimeout: 60_000 });
    const ping = { messageName: 'RequestPing', proxyClientId: 1 };
    expect(await proxy.ask(ping)).toMatchObject({ errorCode: 1 });
    expect(await proxy.ask(ping)).toMatchObject({ errorCode: 1 });
    expect(await proxy.next()).toMatchObject({ proxyClientId: 1, reason: 'too-many-errors' });
    expect(await proxy.ask({ ...ping, proxyClientId: 2 })).toMatchObject({ errorCode: 1 });
  });

  it('GATE-10.9 have their own message rate, and one that exceeds it does not slow the others', async () => {
    const { proxy, server } = await proxyOf({ messageRate: { perSecond: 1, burst: 2 } });
    await proxy.ask(register(1));
    await proxy.ask(register(2));
    const ping = (proxyClientId: number) =>
      proxy.ask({ messageName: 'RequestPing', referenceId: 5, proxyClientId });
    const answers = [await ping(1), await ping(1), await ping(1), await ping(2), await ping(2)];
    expect(answers).toMatchObject([
      { from: 'agent-1' },
      { from: 'agent-1' },
      { errorCode: 6, proxyClientId: 1 },
      { from: 'agent-2' },
      { from: 'agent-2' },
    ]);
    expect(server.counts().limits.messageRate).toBe(1);
  });

  it('GATE-10.4 end with RequestUnregisterClient, which is answered and frees the id; an unknown id is an error', async () => {
    const { proxy, server, steps, clientOf } = await proxyOf();
    await proxy.ask(register(1));
    const id = clientOf(1)?.id;
    expect(await proxy.ask(unregister(1))).toEqual({
      messageName: 'EventAck',
      referenceId: 9,
      proxyClientId: 1,
    });
    expect(await proxy.ask(unregister(1))).toMatchObject({
      messageName: 'EventError',
      referenceId: 9,
      errorCode: 1,
      proxyClientId: 1,
    });
    expect(steps.filter(({ session }) => session === id).at(-1)).toMatchObject({
      to: 'disconnected',
      reason: 'peer-closed',
    });
    expect(server.sessions()).toHaveLength(1);
    expect(server.counts().registered).toBe(1);
    expect(await proxy.ask(register(1))).toMatchObject({ messageName: 'EventAck' });
  });

  it('GATE-10.4 also end with it before they are registered', async () => {
    const { proxy, server } = await proxyOf({
      validator: ({ clientType }) => clientType === 'Proxy',
    });
    expect(await proxy.ask(register(1))).toMatchObject({ errorCode: 2 });
    expect(await proxy.ask(unregister(1))).toMatchObject({ errorCode: 1, proxyClientId: 1 });
    expect(server.sessions()).toHaveLength(1);
  });

  it('GATE-10.7 end with the connection, each with one event', async () => {
    const { proxy, server } = await proxyOf();
    await proxy.ask(register(1));
    await proxy.ask(register(2));
    const ended: unknown[] = [];
    server.on('disconnected', (session, reason) => ended.push([session.info().clientName, reason]));
    proxy.socket.destroy();
    await expect.poll(() => ended).toHaveLength(3);
    expect(ended).toEqual(
      expect.arrayContaining([
        ['agent-1', 'peer-closed'],
        ['agent-2', 'peer-closed'],
        ['proxy-1', 'peer-closed'],
      ]),
    );
    await expect.poll(() => server.counts()).toMatchObject({ open: 0, registered: 0 });
    expect(server.sessions()).toEqual([]);
  });

  it('GATE-10.6 are at most as many as the gate allows; a further one is refused and leaves nothing', async () => {
    const { proxy, server } = await proxyOf({ proxyClients: 1 });
    await proxy.ask(register(1));
    expect(await proxy.ask(register(2, { referenceId: 7 }))).toMatchObject({
      messageName: 'EventError',
      referenceId: 7,
      errorCode: 6,
      proxyClientId: 2,
    });
    expect(server.sessions()).toHaveLength(2);
    expect(server.counts().limits.proxyClients).toBe(1);
    await proxy.ask(unregister(1));
    expect(await proxy.ask(register(2))).toMatchObject({ messageName: 'EventAck' });
  });

  it('GATE-10.5 can be disconnected, sent messages, found by name and put in groups like others', async () => {
    const { proxy, server } = await proxyOf();
    server.on('registered', (session) => session.join('all'));
    await proxy.ask(register(1));
    await proxy.ask(register(2));
    expect(server.named('agent-2').send({ messageName: 'EventInvite' })).toMatchObject({ sent: 1 });
    expect(await proxy.next()).toEqual({ messageName: 'EventInvite', proxyClientId: 2 });
    expect(server.group('all').send({ messageName: 'EventNews' })).toMatchObject({ sent: 2 });
    expect([await proxy.next(), await proxy.next()]).toMatchObject([
      { proxyClientId: 1 },
      { proxyClientId: 2 },
    ]);
    const [session] = server.named('agent-1');
    session?.disconnect();
    expect(await proxy.next()).toMatchObject({
      messageName: 'EventClientDisconnected',
      proxyClientId: 1,
      reason: 'server-closed',
    });
    expect(session?.send({ messageName: 'EventNews' })).toBe('closed');
    expect(server.group('all').size).toBe(1);
  });

  it('count for the cap of their name together with clients that have their own connection', async () => {
    const { proxy, client } = await proxyOf({
      namePolicy: 'takeover',
      validator: () => ({ valid: true, cap: 1 }),
    });
    await proxy.ask(register(1, { clientName: 'desk-1' }));
    await using desk = await client();
    expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect([await proxy.next(), await proxy.next()]).toMatchObject([
      { messageName: 'EventError', errorCode: 11, proxyClientId: 1 },
      { messageName: 'EventClientDisconnected', proxyClientId: 1, reason: 'replaced' },
    ]);
  });

  it('GATE-10.8 do not wait for the verdict on another client, and their own messages keep their order', async () => {
    const verdicts = new Map<string, (valid: boolean) => void>();
    const { proxy } = await proxyOf({
      validator: ({ clientName, clientType }) =>
        clientType === 'Proxy' ||
        new Promise((resolve) => {
          verdicts.set(clientName, resolve);
        }),
    });
    proxy.say(register(1));
    proxy.say(register(2));
    await expect.poll(() => [...verdicts.keys()]).toEqual(['agent-1', 'agent-2']);
    proxy.say({ messageName: 'RequestPing', referenceId: 5, proxyClientId: 1 });
    proxy.say({ messageName: 'RequestPing', referenceId: 6 });
    verdicts.get('agent-2')?.(true);
    expect(await proxy.next()).toMatchObject({ messageName: 'EventAck', proxyClientId: 2 });
    verdicts.get('agent-1')?.(true);
    expect([await proxy.next(), await proxy.next(), await proxy.next()]).toMatchObject([
      { messageName: 'EventAck', proxyClientId: 1 },
      { from: 'agent-1' },
      { from: 'proxy-1' },
    ]);
  });

  it('are read on for when the client that others wait for ends', async () => {
    const { proxy } = await proxyOf({
      registrationTimeout: 200,
      validator: ({ clientType }) => clientType === 'Proxy' || new Promise<boolean>(() => {}),
    });
    proxy.say(register(1));
    proxy.say({ messageName: 'RequestPing', referenceId: 5, proxyClientId: 1 });
    proxy.say({ messageName: 'RequestPing', referenceId: 6 });
    expect(await proxy.next()).toMatchObject({ proxyClientId: 1, reason: 'registration-timeout' });
    expect(await proxy.next()).toMatchObject({ from: 'proxy-1' });
  });

  it('are notified of a shutdown one by one', async () => {
    const { proxy, server } = await proxyOf();
    await proxy.ask(register(1));
    const closed = server.close();
    const heard = [];
    for (let line = await proxy.next(); line; line = await proxy.next()) heard.push(line);
    expect(heard.filter(({ errorCode }) => errorCode === 7)).toMatchObject([
      { referenceId: null },
      { referenceId: null, proxyClientId: 1 },
    ]);
    proxy.socket.destroy();
    await closed;
  });

  it('take no unregistered slot, and no penalty comes from them', async () => {
    const { proxy, server, client } = await proxyOf({
      exempt: [],
      maxUnregistered: { from: 1, percent: 0, full: 1 },
      rejectionTimeout: 20,
    });
    for (const id of [1, 2, 3]) await proxy.ask({ messageName: 'RequestPing', proxyClientId: id });
    for (const _ of [1, 2, 3]) await proxy.next();
    expect(server.counts()).toMatchObject({ open: 1, unregistered: 0 });
    const other = await client();
    open.push(other);
    expect(await other.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(server.counts().outcomes).toMatchObject({ registered: 2, refused: 0 });
  });
});

describe('a refused client of a proxy', () => {
  it('is not disconnected to make room for a connection, because it takes none', async () => {
    const { proxy, client, server } = await proxyOf({
      exempt: [],
      maxUnregistered: { from: 1, percent: 100, full: 100 },
    });
    await proxy.ask({ messageName: 'RequestPing', proxyClientId: 1 });
    open.push(await client());
    const rejected = await client();
    open.push(rejected);
    expect(await rejected.next()).toMatchObject({ errorCode: 6 });
    expect(server.sessions()).toMatchObject([
      { state: 'registered' },
      { carrier: expect.any(String), state: 'awaiting/rejection' },
      { state: 'awaiting/registration' },
    ]);
  });
});

describe('GATE-10.1 a client that may not carry others', () => {
  it.each<[string, ServerOptions, string]>([
    ['is not a proxy', {}, 'AgentApplication'],
    ['is a proxy, but the gate has the option off', { proxyClients: 0 }, 'Proxy'],
  ])(
    'speaks for itself when it %s: its proxyClientId is an attribute',
    async (_, options, type) => {
      const { proxy, server } = await proxyOf(options, type);
      expect(await proxy.ask(register(1))).toMatchObject({ errorCode: 4 });
      const ping = { messageName: 'RequestPing', proxyClientId: 1 };
      expect(await proxy.ask(ping)).toMatchObject({ from: 'proxy-1' });
      expect(server.sessions()).toHaveLength(1);
    },
  );

  it('is not registered yet: the first registration is its own, whatever its proxyClientId', async () => {
    const { server, client } = await openGate({ proxyClients: 10 });
    const one = await client();
    open.push(one);
    const request = register(7, { clientType: 'Proxy' });
    expect(await one.ask(request)).toMatchObject({ messageName: 'EventAck', proxyClientId: 7 });
    expect(server.sessions()).toMatchObject([{ carrier: null, proxyClientId: 7 }]);
    // With this id it speaks for itself.
    expect(await one.ask(request)).toMatchObject({ errorCode: 4 });
    expect(server.sessions()).toHaveLength(1);
  });

  it.each([1.5, '1', 2 ** 31, null, {}])('sends the invalid proxyClientId %j', async (id) => {
    const { proxy, server } = await proxyOf();
    const ping = { messageName: 'RequestPing', proxyClientId: id };
    expect(await proxy.ask(ping)).toMatchObject({ from: 'proxy-1' });
    expect(server.sessions()).toHaveLength(1);
  });
});

describe('a registration of a client that must be recorded', () => {
  it('is acknowledged after its own record, whatever the others wait for', async () => {
    const flushes: (() => void)[] = [];
    const journal = {
      requiresDurableAck: true,
      canRecord: true,
      record: () => {},
      flushed: () => new Promise<void>((resolve) => flushes.push(resolve)),
    };
    const { client } = await openGate({ proxyClients: 10, journal });
    const proxy = await client();
    open.push(proxy);
    proxy.say(registerRequest({ clientType: 'Proxy' }));
    await expect.poll(() => flushes).toHaveLength(1);
    flushes[0]?.();
    expect(await proxy.next()).toMatchObject({ messageName: 'EventAck' });
    proxy.say(register(1));
    proxy.say(register(2));
    await expect.poll(() => flushes).toHaveLength(3);
    flushes[2]?.();
    expect(await proxy.next()).toMatchObject({ messageName: 'EventAck', proxyClientId: 2 });
    flushes[1]?.();
    expect(await proxy.next()).toMatchObject({ messageName: 'EventAck', proxyClientId: 1 });
  });
});

describe('a proxy that does not read', () => {
  it('is disconnected with all its clients when too much waits for them together', async () => {
    const { proxy, server } = await proxyOf({ maxUnsent: 100_000 });
    await proxy.ask(register(1));
    proxy.socket.pause();
    const reasons: string[] = [];
    server.on('disconnected', (session, reason) =>
      reasons.push(`${session.info().clientName} ${reason}`),
    );
    const gone = once(server, 'disconnected');
    const bulk = { messageName: 'EventBulk', text: 'x'.repeat(1_000_000) };
    const outcomes = new Set<string>();
    const [session] = server.named('agent-1');
    for (let n = 0; n < 20; n += 1) outcomes.add(session?.send(bulk) ?? '');
    await gone;
    expect(outcomes).toContain('closed');
    expect(reasons.sort()).toEqual(['agent-1 slow-reader', 'proxy-1 slow-reader']);
  });
});
