import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { testCertificates } from '../../support/certificates.js';
import { temporaryFolder } from '../../support/folder.js';
import { Load, type LoadOptions, ServeChild, slope } from '../../support/load.js';

/** The duration in minutes; SOAK_MINUTES overrides it. */
const minutes = Number(process.env.SOAK_MINUTES ?? 10);
/** How often memory is measured. */
const every = 5_000;

/** Legitimate clients, which must be served all the time: none may fail. */
const legitimate: readonly [behaviour: string, port: number, options: Partial<LoadOptions>][] = [
  ['work', 0, { atOnce: 8, pause: 20 }],
  ['work', 1, { atOnce: 2, pause: 50, secure: true }],
  ['register over WebSocket', 2, { atOnce: 2, pause: 50 }],
  ['register and drop', 0, { atOnce: 2, pause: 20 }],
  ['read slowly', 0, { atOnce: 2, pause: 50 }],
  ['send 1,000 frames at once', 0, { atOnce: 1, pause: 500 }],
];

/** Unregistered clients, each kind from a separate block of addresses; limits and penalties apply to them. */
const unregistered: readonly [behaviour: string, options: Partial<LoadOptions>][] = [
  ['be refused', { atOnce: 2, pause: 50 }],
  ['flood with errors', { atOnce: 2, pause: 100 }],
  ['flood and never read', { atOnce: 2, pause: 100 }],
  ['talk garbage', { atOnce: 2, pause: 20 }],
  ['reset', { atOnce: 2, pause: 20 }],
  ['reset while asking', { atOnce: 2, pause: 20 }],
  ['leave', { atOnce: 2, pause: 20 }],
  ['send 1,000 frames at once, unregistered', { atOnce: 1, pause: 100 }],
];

async function serveIn(folder: string): Promise<ServeChild> {
  const { server } = await testCertificates();
  const files = {
    'cert.pem': server.cert,
    'key.pem': server.key,
    'clients.json': JSON.stringify({ clients: [{ pattern: 'client-*' }] }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const file = (name: string) => join(folder, name);
  return ServeChild.open([
    ...['tcp', 'tls', 'ws'].flatMap((scheme) => ['--listen', `${scheme}://127.0.0.1:0`]),
    ...['--admin', 'http://127.0.0.1:0', '--exempt', '127.0.0.0/24'],
    ...['--tls-cert', file('cert.pem'), '--tls-key', file('key.pem')],
    ...['--clients', file('clients.json'), '--registration-timeout', '2s'],
    ...['--record', file('records'), '--record-size', '1MiB', '--record-keep', '3'],
  ]);
}

/** Runs all of them for a while. @returns the outcomes of the legitimate clients */
async function runAll(load: Load, ports: readonly number[], milliseconds: number) {
  const start = performance.now();
  const others = unregistered.map(([behaviour, options], kind) =>
    load.run(behaviour, {
      port: ports[0] ?? 0,
      // Few enough that all are known before the measurement: remembering an address takes memory once.
      sources: { first: `127.1.${8 * kind}.1`, addresses: 500 },
      atOnce: 1,
      milliseconds,
      ...options,
    }),
  );
  const silent = async () => {
    const sources = { first: '127.1.128.1', addresses: 1_000 };
    while (performance.now() - start < milliseconds) {
      await load.hold({ port: ports[0] ?? 0, count: 200, sources, drip: 200 });
      await pause(3_000);
      await load.release();
    }
  };
  const [served] = await Promise.all([
    Promise.all(
      legitimate.map(([behaviour, port, options], kind) =>
        load.run(behaviour, {
          port: ports[port] ?? 0,
          sources: { first: `127.0.0.${1 + 20 * kind}`, addresses: 20 },
          atOnce: 1,
          milliseconds,
          ...options,
        }),
      ),
    ),
    silent(),
    ...others,
  ]);
  return served;
}

it(`T34: ${minutes} minutes of mixed load leave memory flat, and leak no listener or timer`, async () => {
  await using folder = await temporaryFolder();
  await using serve = await serveIn(folder.path);
  await using load = await Load.open();
  const { ports } = serve;
  // The page keeps the last 50,000 sessions and 200,000 steps; until then memory grows.
  const { outcomes: filling } = await load.run('register', {
    port: ports[0] ?? 0,
    sources: { first: '127.0.0.1', addresses: 250 },
    atOnce: 16,
    count: 60_000,
  });
  expect(filling).toEqual({ registered: 60_000 });
  await runAll(load, ports, 30_000);
  const before = await serve.handlesAtRest();

  const bytes: number[] = [];
  const going = runAll(load, ports, minutes * 60_000);
  let isOver = false;
  void going.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await pause(every);
    const { heap, external } = await serve.memory();
    bytes.push(heap + external);
  }
  const served = await going;
  const after = await serve.handlesAtRest();
  // Caches are not full at first; only the rest counts.
  const settled = bytes.slice(Math.floor(bytes.length / 5));
  const perMinute = (slope(settled) * 60_000) / every;
  const outcomes = legitimate.map(([behaviour], kind) => ({ behaviour, ...served[kind] }));
  const report = { minutes, bytesPerMinute: Math.round(perMinute), before, after, bytes, outcomes };
  console.log('mixed', JSON.stringify({ ...report, lines: serve.lines }));
  for (const { outcomes: came } of served) {
    expect(Object.keys(came)).toHaveLength(1);
    expect(['registered', 'answered']).toContain(Object.keys(came)[0]);
  }
  expect(after).toEqual(before);
  expect(await serve.warnings()).toEqual([]);
  expect(perMinute * 10).toBeLessThan(5_000_000);
});
