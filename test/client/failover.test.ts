import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { createServer } from '../../adapters/server/index.js';
import {
  ack,
  client,
  codeOf,
  error,
  granting,
  type Line,
  rejection,
  scripted,
  tidyAfterEach,
} from './scripted-server.js';

tidyAfterEach();

const quick = { initialDelay: 10, maxDelay: 20 };
const request = { messageName: 'RequestX' };

async function gate(options: Parameters<typeof createServer>[0] = {}) {
  const server = await createServer({ listen: ['tcp://127.0.0.1:0'], ...options });
  const [endpoint] = server.endpoints;
  if (!endpoint) throw new Error('the gate has no endpoint');
  return { server, endpoint: formatEndpoint(endpoint) };
}

describe('a server that does not answer any more', () => {
  it('T69: is left after three timeouts in which it sent nothing, and the next endpoint is tried first', async () => {
    const silent = await scripted(granting());
    const good = await scripted(granting());
    const { client: desk, journal } = client([silent.endpoint, good.endpoint], {
      requestTimeout: 20,
      reconnect: { ...quick, spread: 60_000 },
    });
    await desk.registered;
    const disconnected = once(desk, 'disconnected');
    const again = once(desk, 'registered');
    for (const _ of [1, 2, 3])
      expect(codeOf(await rejection(desk.request(request)))).toBe('REPLY_TIMEOUT');
    expect(await disconnected).toMatchObject([
      'transport-error',
      { code: 'DISCONNECTED', cause: { code: 'SERVER_SILENT', timeouts: 3 } },
    ]);
    expect((await again)[0]).toMatchObject({ endpoint: good.endpoint });
    expect(journal).toContain(`connecting ${good.port} 1`);
  });

  it('T69: is kept while it sends anything: timeouts in a row count only in silence', async () => {
    const busy = await scripted(
      granting((line, peer) => {
        // It never answers the request, and sends something else.
        if (line.referenceId === 3) peer.say({ messageName: 'EventNews' });
      }),
    );
    const { client: desk } = client(busy.endpoint, { requestTimeout: 30, maxTimeouts: 2 });
    await desk.registered;
    for (const _ of [2, 3, 4]) await rejection(desk.request(request));
    expect(desk.state).toBe('online');
    const disconnected = once(desk, 'disconnected');
    await rejection(desk.request(request));
    expect((await disconnected)[1]).toMatchObject({ cause: { code: 'SERVER_SILENT' } });
  });

  it('T69: is kept when it sent anything since the request that timed out', async () => {
    const busy = await scripted(granting((_line, peer) => peer.say({ messageName: 'EventNews' })));
    const { client: desk } = client(busy.endpoint, { requestTimeout: 50, maxTimeouts: 1 });
    await desk.registered;
    const news = once(desk, 'event');
    const timedOut = rejection(desk.request(request));
    await news;
    expect(codeOf(await timedOut)).toBe('REPLY_TIMEOUT');
    // A connection that has ended would reject it at once.
    expect(codeOf(await rejection(desk.request(request)))).toBe('REPLY_TIMEOUT');
  });

  it('T69: is kept while it answers pings over WebSocket', async () => {
    const server = await createServer({ listen: ['ws://127.0.0.1:0'], onMessage: () => {} });
    await using _server = server;
    const [endpoint] = server.endpoints;
    if (!endpoint) throw new Error('the gate has no endpoint');
    const { client: desk } = client(formatEndpoint(endpoint), {
      requestTimeout: 100,
      maxTimeouts: 1,
      ping: { interval: 10, timeout: 5_000 },
    });
    await desk.registered;
    for (const _ of [1, 2])
      expect(codeOf(await rejection(desk.request(request)))).toBe('REPLY_TIMEOUT');
  });

  it('T69: is kept whatever times out with maxTimeouts: Infinity', async () => {
    const silent = await scripted(granting());
    const { client: desk } = client(silent.endpoint, {
      requestTimeout: 5,
      maxTimeouts: Number.POSITIVE_INFINITY,
    });
    await desk.registered;
    for (let count = 0; count < 5; count += 1)
      expect(codeOf(await rejection(desk.request(request)))).toBe('REPLY_TIMEOUT');
  });
});

describe('a server that shuts down', () => {
  it('T70: is left at once for another endpoint, after pending requests, and is tried last', async () => {
    let answer = () => {};
    const leaving = await gate({
      onMessage: ({ reply }) => {
        answer = () => reply.ack({ late: true });
      },
    });
    const other = await gate();
    await using _other = other.server;
    const { client: desk, journal } = client([leaving.endpoint, other.endpoint], {
      reconnect: { ...quick, spread: 60_000 },
      random: () => 0,
    });
    await desk.registered;
    const events = once(desk, 'event');
    const pending = desk.request(request);
    await expect.poll(() => answer.length === 0 && String(answer).includes('late')).toBe(true);
    const again = once(desk, 'registered');
    const closed = leaving.server.close({ drainMs: 60_000 });
    expect((await events)[0]).toMatchObject({ errorCode: 7 });
    expect(desk.state).toBe('online');
    answer();
    expect(await pending).toMatchObject({ late: true });
    expect((await again)[0]).toMatchObject({ endpoint: other.endpoint });
    // It would have waited a minute for the client.
    await closed;
    expect(journal.filter((line) => line.startsWith('disconnected'))).toEqual([
      'disconnected drained DISCONNECTED',
    ]);
  });

  it('T70: is left with one endpoint too, behind which another server may be; what is requested meanwhile waits, and nothing is sent twice', async () => {
    const shuttingDown = { referenceId: null };
    const first: Line[] = [];
    const server = await scripted(
      granting((line, peer) => {
        // The first connection answers when the test lets it, the second at once.
        if (peer.number === 1) first.push(line);
        else peer.say(ack(line, { by: peer.number }));
      }),
    );
    const { client: desk, journal } = client(server.endpoint, {
      reconnect: { ...quick, spread: 60_000 },
      random: () => 0,
    });
    await desk.registered;
    const [peer] = server.peers;
    const early = desk.request({ messageName: 'RequestEarly' });
    await expect.poll(() => first.length).toBe(1);
    const again = once(desk, 'registered');
    const notified = once(desk, 'event');
    peer?.say(error(shuttingDown, 7, 'the server is shutting down'));
    await notified;
    // The departure begins with the next timer.
    await new Promise((resolve) => setTimeout(resolve));
    const held = ['RequestOne', 'RequestTwo'].map((messageName) => desk.request({ messageName }));
    expect(desk.state).toBe('online');
    peer?.say(ack(first[0] ?? {}, { by: 1 }));
    expect(await early).toMatchObject({ by: 1 });
    await again;
    expect(await Promise.all(held)).toMatchObject([{ by: 2 }, { by: 2 }]);
    expect(server.heard.map(({ messageName }) => messageName)).toEqual([
      ...['RequestRegisterClient', 'RequestEarly'],
      ...['RequestRegisterClient', 'RequestOne', 'RequestTwo'],
    ]);
    expect(journal.filter((line) => line.startsWith('disconnected'))).toEqual([
      'disconnected drained DISCONNECTED',
    ]);
  });

  it('T70: that closes before it has answered rejects what was sent; what was not sent waits', async () => {
    const server = await scripted(
      granting((line, peer) => {
        if (peer.number > 1) peer.say(ack(line));
        else peer.socket.end(`${JSON.stringify(error({ referenceId: null }, 7, 'bye'))}\n`);
      }),
    );
    const { client: desk } = client(server.endpoint, { reconnect: { ...quick, spread: 20 } });
    await desk.registered;
    const disconnected = once(desk, 'disconnected');
    expect(await rejection(desk.request(request))).toMatchObject({
      code: 'DISCONNECTED',
      reason: 'peer-closed',
    });
    await disconnected;
    expect(await desk.request(request)).toMatchObject({ messageName: 'EventAck' });
  });

  it('T70: and does not come back: requests that waited reject as not sent; close() rejects the others', async () => {
    const only = await gate();
    const { client: desk } = client(only.endpoint, {
      reconnect: { initialDelay: 60_000 },
      random: () => 0.001,
    });
    await desk.registered;
    const disconnected = once(desk, 'disconnected');
    await only.server.close({ drainMs: 60_000 });
    await disconnected;
    const patient = rejection(desk.request(request, { timeout: 60_000 }));
    expect(await rejection(desk.request(request, { timeout: 30 }))).toMatchObject({
      code: 'DISCONNECTED',
      reason: 'not-online',
      message: 'RequestX was not sent: the client was not registered again within 30 ms',
    });
    await desk.close();
    expect(codeOf(await patient)).toBe('CLIENT_CLOSED');
  });

  it('T70: is not left by a client that does not reconnect: it stays as long as it may', async () => {
    const only = await gate({ onMessage: ({ reply }) => reply.ack() });
    const { client: desk } = client(only.endpoint, { random: () => 0 });
    await desk.registered;
    const events = once(desk, 'event');
    const closed = only.server.close({ drainMs: 300 });
    await events;
    await new Promise((resolve) => setTimeout(resolve));
    expect(await desk.request(request)).toMatchObject({ messageName: 'EventAck' });
    await closed;
  });
});

describe('options that are functions', () => {
  it('T71: extension is asked for at each attempt, so that a token is never the old one', async () => {
    const server = await scripted((line, peer) => peer.say(ack(line)));
    let count = 0;
    const { client: desk } = client(server.endpoint, {
      extension: async () => {
        count += 1;
        return { token: `token-${count}` };
      },
      reconnect: { ...quick, spread: 20 },
    });
    await desk.registered;
    const again = once(desk, 'registered');
    server.peers[0]?.socket.destroy();
    await again;
    expect(server.heard.map(({ extension }) => extension)).toEqual([
      { token: 'token-1' },
      { token: 'token-2' },
    ]);
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('secret-7');
      },
      'failed',
    ],
    ['rejects', () => Promise.reject(new Error('secret-7')), 'failed'],
    ['gives an invalid value', () => 'secret-7', 'gave an invalid value'],
    ['gives what cannot be encoded', () => ({ secret: 7n }), 'cannot encode'],
    ['gives nothing in time', () => new Promise(() => {}), 'gave nothing within 50 ms'],
  ])(
    'T71: a function that %s fails its attempt alone, without the secret in the text',
    async (_what, broken, text) => {
      const server = await scripted(granting());
      let isBroken = true;
      const { client: desk } = client(server.endpoint, {
        extension: () => (isBroken ? broken() : { token: 'good' }) as Line,
        connectTimeout: 50,
        reconnect: quick,
      });
      const [reason, error] = await once(desk, 'disconnected');
      isBroken = false;
      expect(reason).toBe('connect-failed');
      expect(error).toMatchObject({
        code: 'CONNECT_FAILED',
        cause: { code: 'OPTION_FUNCTION_FAILED' },
      });
      expect(error.message).toContain(text);
      expect(error.message).not.toContain('secret-7');
      await desk.registered;
      expect(server.heard[0]).toMatchObject({ extension: { token: 'good' } });
    },
  );

  it('T71: a function that hangs does not hold up close', async () => {
    const { client: desk } = client('tcp://127.0.0.1:9', {
      extension: () => new Promise(() => {}),
    });
    await once(desk, 'connecting');
    await desk.close();
    expect(desk.state).toBe('stopped');
  });

  it('T71: headers go with the WebSocket upgrade', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const upgraded = once(server, 'connection');
    const { port } = server.address() as { port: number };
    const { client: desk } = client(`ws://127.0.0.1:${port}`, {
      headers: () => ({ Authorization: 'Bearer abc' }),
    });
    const [webSocket, upgrade] = await upgraded;
    expect(upgrade.headers.authorization).toBe('Bearer abc');
    webSocket.terminate();
    await desk.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('T71: headers that are not texts are rejected without their values', () => {
    const headers = { Authorization: 7 } as never;
    expect(() => client('ws://127.0.0.1:9', { headers })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining('"***"') }),
    );
  });
});

describe('a registration that the server ends for good', () => {
  it.each([
    ['is taken over by another client', 'session-replaced'],
    ['is revoked', 'registration-revoked'],
  ])('T72: stops the client when it %s', async (_what, errorName) => {
    const { server, endpoint } = await gate({
      validator: () => ({ valid: true, cap: 1 }),
      namePolicy: 'takeover',
    });
    await using _server = server;
    const { client: desk } = client(endpoint, { reconnect: quick });
    await desk.registered;
    const stopped = once(desk, 'stopped');
    if (errorName === 'session-replaced') await client(endpoint).client.registered;
    else await server.revalidate(() => false);
    expect((await stopped)[0]).toMatchObject({ code: 'REGISTRATION_LOST', errorName, endpoint });
    expect(desk.state).toBe('stopped');
  });

  it('T72: does not stop a client with retryRefused', async () => {
    const { server, endpoint } = await gate();
    await using _server = server;
    const { client: desk } = client(endpoint, {
      reconnect: { ...quick, spread: 20, retryRefused: true },
    });
    await desk.registered;
    const again = once(desk, 'registered');
    await server.revalidate(() => false);
    await again;
    expect(desk.state).toBe('online');
  });
});
