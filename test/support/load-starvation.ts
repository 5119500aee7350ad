/** What the tests of starvation and their soak measure alike, at different sizes. */
import { expect } from 'vitest';
import type { ServerOptions } from '../../adapters/server/index.js';
import { GateChild, Load, type LoadResult, median, type Times } from './load.js';

/** Limits as an operator raises them who means to hold 10,000 strangers. Legitimate clients come from 127.0.0.0/24. */
export const roomForStrangers: ServerOptions = {
  maxUnregistered: { from: 20_000, percent: 30, full: 30_000 },
  maxConnections: 60_000,
  registrationTimeout: 3_600_000,
  exempt: ['127.0.0.0/24'],
};

/** An address each, so that nobody reaches a limit of his own. */
const strangers = { first: '127.1.0.0', addresses: 65_536 };

const legitimate = { first: '127.0.0.10', addresses: 100 };

export interface Starvation {
  /** Registrations a second, each round: without strangers, with them. */
  readonly rates: readonly (readonly [without: number, withThem: number])[];
  /** Of the rounds, the middle one of the rates with strangers by those without. */
  readonly rateKept: number;
  /** The middle one of the 99th percentiles of the time to the answer, with strangers by without. */
  readonly p99Times: number;
  /** Bytes of memory for one stranger, as the system counts it, and of it what is in use on the heap. */
  readonly bytesEach: number;
  readonly heapEach: number;
}

/**
 * Registers at a gate that holds strangers, then does not, then does again: what else the machine does meanwhile harms both alike, and it
 * is the same process, as warm in both. Each registration must succeed.
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
      `${count} strangers need ${count + 256} open files, and this machine allows ${files}: raise ulimit -n`,
    );
  }
  await using gate = await GateChild.open(roomForStrangers);
  const { port } = gate;
  const register = async (): Promise<LoadResult> => {
    const options = { port, sources: legitimate, atOnce: 16, milliseconds };
    const result = await clients.run('register', options);
    expect(Object.keys(result.outcomes)).toEqual(['registered']);
    return result;
  };
  const unregistered = async () => (await gate.counts()).unregistered;
  // Code that runs for the first time is slow, and takes memory of its own.
  for (let round = 0; round < Math.min(8, rounds); round += 1) await register();
  const before = await gate.memory();
  let after = before;
  const pairs: { without: LoadResult; withThem: LoadResult }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // The first of each kind is for getting used to it.
    await register();
    const without = await register();
    expect(await crowd.hold({ port, count, sources: strangers })).toEqual({});
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

/** Milliseconds that the slowest of so many waited for its connection that all connected at once; the best of three attempts. */
export async function slowestOfBurst(count: number): Promise<number> {
  await using gate = await GateChild.open(roomForStrangers);
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
