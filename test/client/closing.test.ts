import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ClientOptions, createClient, type GateClient } from '../../adapters/client/index.js';
import {
  ack,
  client,
  codeOf,
  deadPort,
  error,
  granting,
  rejection,
  type Script,
  scripted,
  tidyAfterEach,
} from './scripted-server.js';

tidyAfterEach();

const identity = { clientName: 'desk-1', clientType: 'AgentApplication' } as const;

describe('closing a client', () => {
  it('resolves when the connection is gone, however often it is asked for', async () => {
    const server = await scripted(granting());
    const { client: desk } = client(server.endpoint);
    await desk.registered;
    await Promise.all([desk.close(), desk.close()]);
    await desk.close();
    expect(desk.state).toBe('stopped');
    const [peer] = server.peers;
    if (!peer?.socket.closed) await once(peer?.socket ?? process, 'close');
    expect(server.open()).toBe(0);
  });

  it('sends what is waiting to be written', async () => {
    const server = await scripted(granting());
    const { client: desk } = client(server.endpoint);
    await desk.registered;
    const payload = 'x'.repeat(1_000_000);
    desk.send({ messageName: 'RequestLong', payload });
    await desk.close();
    expect(server.heard.at(-1)).toMatchObject({ messageName: 'RequestLong', payload });
  });

  it('while it waits ends the wait and rejects what is awaited', async () => {
    const { client: desk, journal } = client(`tcp://127.0.0.1:${await deadPort()}`, {
      reconnect: { initialDelay: 60_000 },
      random: () => 0.99,
    });
    await once(desk, 'waiting');
    const refused = rejection(desk.registered);
    await desk.close();
    expect(codeOf(await refused)).toBe('CLIENT_CLOSED');
    expect(journal.at(-1)).toBe('stopped null');
  });

  it('before it has begun leaves the server alone', async () => {
    const server = await scripted(granting());
    const { client: desk, journal } = client(server.endpoint);
    await desk.close();
    expect(codeOf(await rejection(desk.registered))).toBe('CLIENT_CLOSED');
    expect(journal).toEqual(['stopped null']);
    expect(server.peers).toHaveLength(0);
  });

  it('by the end of a block works too', async () => {
    const server = await scripted(granting());
    let kept: GateClient;
    {
      await using desk = createClient({ endpoints: server.endpoint, ...identity });
      await desk.registered;
      kept = desk;
    }
    expect(kept.state).toBe('stopped');
  });

  it('does not need its registration to be awaited', async () => {
    const server = await scripted((line, peer) => peer.say(error(line, 2, 'no')));
    const desk = createClient({ endpoints: server.endpoint, ...identity });
    await once(desk, 'stopped');
    await desk.close();
  });
});

describe('a random source that throws', () => {
  it('stops the client with what it threw', async () => {
    const { client: desk } = client(`tcp://127.0.0.1:${await deadPort()}`, {
      reconnect: {},
      random: () => {
        throw new Error('no dice');
      },
    });
    expect(await rejection(desk.registered)).toMatchObject({ message: 'no dice' });
    await desk.close();
    expect(desk.state).toBe('stopped');
  });
});

it('T64: thirty clients and thirty requests share one signal without a warning, and all end when it aborts', async () => {
  const server = await scripted(granting());
  const controller = new AbortController();
  const { signal } = controller;
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  const desks = Array.from({ length: 30 }, () => client(server.endpoint, { signal }).client);
  await Promise.all(desks.map((desk) => desk.registered));
  const requests = desks.map((desk) =>
    rejection(desk.request({ messageName: 'RequestX' }, { signal })),
  );
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  controller.abort('enough');
  expect(await Promise.all(requests)).toEqual(desks.map(() => 'enough'));
  await Promise.all(desks.map((desk) => desk.close()));
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  // Warnings are emitted in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

/** Where a client can be when its signal aborts, and how to get it there. */
const moments: [string, Script | null, Partial<ClientOptions>, (desk: GateClient) => unknown][] = [
  ['before it has begun', granting(), {}, () => {}],
  ['when it begins', granting(), {}, (desk) => once(desk, 'connecting')],
  [
    'while the registration is on its way',
    () => {},
    {},
    (desk) =>
      new Promise<void>((resolve) => {
        desk.on('step', ({ to }) => to === 'validating/registration' && resolve());
      }),
  ],
  ['once it is registered', granting(), {}, (desk) => once(desk, 'registered')],
  [
    'while it waits',
    (_line, peer) => peer.socket.end(),
    { reconnect: { initialDelay: 60_000 }, random: () => 0.99 },
    (desk) => once(desk, 'waiting'),
  ],
  [
    'when it is refused',
    (line, peer) => peer.say(error(line, 2, 'no')),
    { reconnect: { retryRefused: true } },
    (desk) => once(desk, 'refused'),
  ],
];

describe('an abort', () => {
  it.each(moments)(
    'T45: %s closes the client and leaves nothing',
    async (moment, script, options, reach) => {
      const server = await scripted(script);
      const controller = new AbortController();
      const { client: desk, journal } = client(server.endpoint, {
        ...options,
        signal: controller.signal,
      });
      const stopped = once(desk, 'stopped');
      await reach(desk);
      const reason = new Error(moment);
      const pending =
        moment === 'once it is registered' && desk.request({ messageName: 'RequestX' });
      controller.abort(reason);
      if (pending) expect(await rejection(pending)).toBe(reason);
      else expect(await rejection(desk.registered)).toBe(reason);
      expect(await stopped).toEqual([null]);
      expect(desk.state).toBe('stopped');
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      await desk.close();
      const begun = journal.filter((line) => line.startsWith('connecting'));
      const over = journal.filter((line) => line.startsWith('disconnected'));
      expect(over.length).toBe(begun.length);
    },
  );

  it.each(['tcp', 'tls', 'ws', 'wss'])(
    'T45: while a %s connection is being set up gives it up',
    async (scheme) => {
      const server = await scripted(null);
      const controller = new AbortController();
      const { client: desk } = client(`${scheme}://127.0.0.1:${server.port}`, {
        signal: controller.signal,
      });
      await once(desk, 'connecting');
      // One turn later: the attempt is under way.
      await Promise.resolve();
      controller.abort('enough');
      const start = performance.now();
      expect(await rejection(desk.registered)).toBe('enough');
      await desk.close();
      // And not when connectTimeout is over.
      expect(performance.now() - start).toBeLessThan(1_000);
    },
  );

  it('T45: in the very turn in which the connection is set up leaves no connection', async () => {
    const server = await scripted(granting());
    const controller = new AbortController();
    // The transport has the connection by then, and the client has not.
    const abortOnceConnected = (message: unknown) => {
      const { socket } = message as { socket: Socket };
      socket.once('connect', () => queueMicrotask(() => controller.abort('late')));
    };
    subscribe('net.client.socket', abortOnceConnected);
    try {
      const { client: desk, journal } = client(server.endpoint, { signal: controller.signal });
      expect(await rejection(desk.registered)).toBe('late');
      await desk.close();
      expect(journal.slice(1)).toEqual(['disconnected client-closed null', 'stopped null']);
      expect(server.heard).toEqual([]);
    } finally {
      unsubscribe('net.client.socket', abortOnceConnected);
    }
  });

  it('T45: before the client is made never connects', async () => {
    const server = await scripted(granting());
    const { client: desk, journal } = client(server.endpoint, { signal: AbortSignal.abort('no') });
    expect(await rejection(desk.registered)).toBe('no');
    await desk.close();
    expect(journal).toEqual(['stopped null']);
    expect(server.peers).toHaveLength(0);
  });
});

describe('a listener', () => {
  const names = ['connecting', 'registered', 'event', 'disconnected', 'waiting', 'stopped', 'step'];

  it('that throws does not disturb the client, and what it threw is not lost', async () => {
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught: string[] = [];
    process.on('uncaughtException', (thrown) => caught.push(thrown.message));
    try {
      const server = await scripted(
        granting((line, peer) => {
          peer.say({ messageName: 'EventNews' }, ack(line));
          if (peer.number === 1) peer.socket.end();
        }),
      );
      const { client: desk } = client(server.endpoint, {
        reconnect: { initialDelay: 1, spread: 1 },
      });
      const again = new Promise<void>((resolve) => {
        let times = 0;
        desk.on('registered', () => ++times === 2 && resolve());
      });
      const stopped = once(desk, 'stopped');
      for (const name of names)
        desk.on(name as 'waiting', () => {
          throw new Error(name);
        });
      await desk.registered;
      await desk.request({ messageName: 'RequestX' });
      await again;
      await desk.request({ messageName: 'RequestY' });
      await desk.close();
      await stopped;
      expect(new Set(caught)).toEqual(new Set(names));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const other of others) process.on('uncaughtException', other);
    }
  });

  it.each(names)('of %s may close the client', async (name) => {
    const server = await scripted(
      granting((line, peer) => {
        peer.say({ messageName: 'EventNews' }, ack(line));
        peer.socket.end();
      }),
    );
    const { client: desk } = client(server.endpoint, { reconnect: { initialDelay: 1, spread: 1 } });
    desk.once(name as 'waiting', () => void desk.close());
    desk.on('registered', () => desk.request({ messageName: 'RequestX' }).catch(() => {}));
    if (name === 'stopped') setImmediate(() => void desk.close());
    await once(desk, 'stopped');
    expect(desk.state).toBe('stopped');
    await desk.close();
    expect(server.most()).toBeLessThan(2);
  });

  it.each([1, 2, 3, 4, 5])('of step %i may close the client', async (number) => {
    const server = await scripted(granting((line, peer) => peer.say(ack(line))));
    const { client: desk, journal } = client(server.endpoint, { reconnect: {} });
    desk.on('step', ({ seq }) => {
      if (seq === number) void desk.close();
    });
    desk.on('registered', () => desk.request({ messageName: 'RequestX' }).catch(() => {}));
    await once(desk, 'stopped');
    expect(journal.slice(-2)).toEqual(['disconnected client-closed null', 'stopped null']);
    expect(journal.includes('registered 1')).toBe(number > 3);
    expect(server.heard.some(({ messageName }) => messageName === 'RequestX')).toBe(number > 3);
  });

  it('that closes the client at the step of a message keeps the message from going out', async () => {
    const server = await scripted(granting());
    const { client: desk } = client(server.endpoint);
    await desk.registered;
    desk.on('step', () => void desk.close());
    expect(desk.send({ messageName: 'RequestX' })).toBe(false);
    await desk.close();
    expect(server.heard).toHaveLength(1);
  });

  it('is not needed for that: a redaction may close the client in the middle of a step', async () => {
    const server = await scripted(granting());
    const { client: desk, journal } = client(server.endpoint, {
      redact: (message) => {
        void desk.close();
        return message;
      },
    });
    // Steps are recorded, and redacted, only while there is a listener.
    desk.on('step', () => {});
    await once(desk, 'stopped');
    expect(journal.slice(1)).toEqual(['disconnected client-closed null', 'stopped null']);
  });
});
