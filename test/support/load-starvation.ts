/** Measurements that the tests of starvation and their soak share, at different sizes. */
import { expect } from 'vitest';
import type { ServerOptions } from '../../adapters/server/index.js';
import { GateChild, Load, type LoadResult, median, type Times } from './load.js';

/** Limits that an operator would raise to allow 10,000 unregistered clients. Legitimate clients come from 127.0.0.0/24. */
export const roomForUnregistered: ServerOptions = {
  maxUnregistered: { from: 20_000, percent: 30, full: 30_000 },
  maxConnections: 60_000,
  registrationTimeout: 3_600_000,
  exempt: ['127.0.0.0/24'],
};

/** One address per client, so that no client reaches a limit per address. */
const unregisteredSources = { first: '127.1.0.0', addresses: 65_536 };

const legitimate = { first: '127.0.0.10', addresses: 100 };

export interface Starvation {
  /** Registrations per second of each round: without the unregistered clients, with them. */
  readonly rates: readonly (readonly [without: number, withThem: number])[];
  /** The median over the rounds of the rate with unregistered clients divided by that without. */
  readonly rateKept: number;
  /** The median over the rounds of the 99th percentile of response times, with unregistered clients divided by without. */
  readonly p99Times: number;
  /** Bytes of memory per unregistered client, as the system counts it, and the part of it in use on the heap. */
  readonly bytesEach: number;
  readonly heapEach: number;
}

/**
 * Registers at a gate alternately with and without unregistered clients: other load on the machine affects both alike, and it
 * is the same, equally warm process. Each registration must succeed.
 */
export async function starve({
  count,
  rounds,
  milliseconds,
}: {
  count: number;
  rounds: number;
  milliseconds: number;
}): Promise<Starvation> {
  await using crowd = await Load.open();
  await using clients = await Load.open();
  const files = await crowd.files();
  if (files < count + 256) {
    throw new Error(
      `${count} unregistered clients need ${count + 256} open files, and this machine allows ${files}: raise ulimit -n`,
    );
  }
  await using gate = await GateChild.open(roomForUnregistered);
  const { port } = gate;
  const register = async (): Promise<LoadResult> => {
    const options = { port, sources: legitimate, atOnce: 16, milliseconds };
    const result = await clients.run('register', options);
    expect(Object.keys(result.outcomes)).toEqual(['registered']);
    return result;
  };
  const unregistered = async () => (await gate.counts()).unregistered;
  // Code that runs for the first time is slow and allocates memory.
  for (let round = 0; round < Math.min(8, rounds); round += 1) await register();
  const before = await gate.memory();
  let after = before;
  const pairs: { without: LoadResult; withThem: LoadResult }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // The first round of each kind is a warm-up.
    await register();
    const without = await register();
    expect(await crowd.hold({ port, count, sources: unregisteredSources })).toEqual({});
    await expect.poll(unregistered, { timeout: 30_000 }).toBe(count);
    if (round === 0) after = await gate.memory();
    await register();
    pairs.push({ without, withThem: await register() });
    expect(await crowd.held()).toBe(count);
    expect(await unregistered()).toBe(count);
    await crowd.release();
    await gate.empty();
  }
  const p99 = ({ answered }: LoadResult) => (answered as Times).p99;
  return {
    rates: pairs.map(({ without, withThem }) => [without.rate, withThem.rate]),
    rateKept: median(pairs.map(({ without, withThem }) => withThem.rate / without.rate)),
    p99Times: median(pairs.map(({ without, withThem }) => p99(withThem) / p99(without))),
    bytesEach: (after.rss - before.rss) / count,
    heapEach: (after.heap + after.external - before.heap - before.external) / count,
  };
}

/** Milliseconds until the slowest of `count` concurrent connects was accepted; the best of three attempts. */
export async function slowestOfBurst(count: number): Promise<number> {
  await using gate = await GateChild.open(roomForUnregistered);
  await using load = await Load.open();
  const slowest: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const { outcomes, connected } = await load.run('register', {
      port: gate.port,
      sources: legitimate,
      atOnce: count,
      count,
    });
    expect(outcomes).toEqual({ registered: count });
    slowest.push((connected as Times).max);
    if (Math.min(...slowest) < 900) break;
  }
  return Math.min(...slowest);
}
