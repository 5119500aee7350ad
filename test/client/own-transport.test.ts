import { once } from 'node:events';
import { expect, it } from 'vitest';
import * as browser from '../../adapters/client/browser.js';
import * as node from '../../adapters/client/index.js';
import type { Connection } from '../../adapters/net/transports/index.js';
import { memoryPair } from '../../adapters/net/transports/memory.js';
import type { Framing } from '../../adapters/net/wire/codec.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

closeGatesAfterEach();

const desk = { endpoints: 'wss://gate:1', clientName: 'desk-1', clientType: 'Proxy' } as const;
/** Both entries of `ixgate/client`. With a transport of one's own that of the browser runs in Node too. */
type Create = typeof browser.createClient;
const nodeClient = node.createClient as unknown as Create;
const clients: [string, Create, Framing][] = [
  ['Node, a stream', nodeClient, 'stream'],
  ['Node, frames', nodeClient, 'frame'],
  ['a browser, a stream', browser.createClient, 'stream'],
  ['a browser, frames', browser.createClient, 'frame'],
];

it.each(clients)(
  'a transport of the caller connects a client of %s',
  async (_, create, framing) => {
    const { server } = await openGate({ onMessage: ({ reply }) => reply.ack() });
    const asked: string[] = [];
    const steps: string[] = [];
    const client = create({
      ...desk,
      transport: {
        async connect({ scheme, host, port }, { maxFrame, timeout, signal }) {
          asked.push(`${scheme} ${host} ${port}`);
          expect(timeout).toBeGreaterThan(0);
          expect(maxFrame).toBe(1_048_576);
          expect(signal?.aborted).toBe(false);
          const [near, far] = memoryPair(framing);
          server.accept(far);
          return near;
        },
      },
    });
    client.on('step', ({ name }) => steps.push(name));
    await client.registered;
    expect(asked).toEqual(['wss gate 1']);
    expect(await client.request({ messageName: 'RequestX', text: 'ü€😀' })).toMatchObject({
      messageName: 'EventAck',
    });
    expect(steps).toEqual([
      'Connected',
      'RequestRegisterClient',
      'EventAck',
      'RequestX',
      'EventAck',
    ]);
    await client.close();
    await expect.poll(() => server.counts().open).toBe(0);
  },
);

it.each(clients)('a client of %s connects again over the transport', async (_, create, framing) => {
  const { server } = await openGate();
  const near: Connection[] = [];
  const client = create({
    ...desk,
    reconnect: { initialDelay: 0, spread: 0 },
    transport: {
      async connect() {
        const [mine, far] = memoryPair(framing);
        server.accept(far);
        near.push(mine);
        return mine;
      },
    },
  });
  let registrations = 0;
  const twice = new Promise<void>((resolve) => {
    client.on('registered', () => {
      registrations += 1;
      if (registrations === 1) near[0]?.destroy();
      else resolve();
    });
  });
  await twice;
  expect(near).toHaveLength(2);
  await client.close();
});

const never = () => new Promise<Connection>(() => {});
it.each<[string, () => unknown, object]>([
  ['takes too long', never, { code: 'ETIMEDOUT' }],
  [
    'throws',
    () => {
      throw new Error('no network');
    },
    { message: 'no network' },
  ],
  ['rejects', () => Promise.reject(new Error('no network')), { message: 'no network' }],
  ['gives no connection', async () => ({}), { code: 'OPTION_FUNCTION_FAILED' }],
  ['gives nothing', () => undefined, { code: 'OPTION_FUNCTION_FAILED' }],
])('an attempt fails when the transport %s', async (_, connect, cause) => {
  const client = node.createClient({
    ...desk,
    reconnect: false,
    connectTimeout: 50,
    transport: { connect: connect as () => Promise<Connection> },
  });
  await expect(client.registered).rejects.toMatchObject({ code: 'CONNECT_FAILED', cause });
});

it('a connection that comes after the attempt is over is destroyed', async () => {
  const [near, far] = memoryPair();
  let give = (_: Connection) => {};
  const client = node.createClient({
    ...desk,
    transport: { connect: () => new Promise((resolve) => (give = resolve)) },
  });
  await once(client, 'connecting');
  await client.close();
  const gone = new Promise<void>((resolve) => {
    far.start({ data() {}, end() {}, drain() {}, fault() {}, closed: () => resolve() });
  });
  give(near);
  far.close('done');
  await gone;
  expect(near.write(new Uint8Array(1))).toBe(false);
});

it('a cause with retryAfter delays the next attempt', async () => {
  const busy = Object.assign(new Error('busy'), { retryAfter: 90_000 });
  const client = node.createClient({
    ...desk,
    reconnect: { initialDelay: 0 },
    transport: { connect: () => Promise.reject(busy) },
  });
  const [delay] = await once(client, 'waiting');
  expect(delay).toBe(90_000);
  await client.close();
});
