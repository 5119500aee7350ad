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

/** Sources of so many strangers that none reaches his own limit. Each round has others, so that no penalty is met. */
function strangers(round: number) {
  return { first: `127.${round + 1}.0.0`, addresses: 65_536, each: 1 };
}

const legitimate = { first: '127.0.0.10', addresses: 100 };

export interface Starvation {
  /** Registrations a second, each round: without strangers, with them. */
  readonly rates: readonly (readonly [without: number, withThem: number])[];
  /** Of the rounds, the middle one of the rates with strangers by those without. */
  readonly rateKept: number;
  /** The middle one of the rounds' 99th percentiles of the time to the answer, by those without. */
  readonly p99Times: number;
  /** Bytes of resident memory for one stranger, from the first time they came. */
  readonly bytesEach: number;
}

/** Registers for a while without strangers and with them, in turns, and compares. Each registration must succeed. */
export async function starve({
  count,
  rounds,
  milliseconds,
}: {
  count: number;
  rounds: number;
  milliseconds: number;
}): Promise<Starvation> {
  await using gate = await GateChild.open(roomForStrangers);
  await using crowd = await Load.open();
  await using clients = await Load.open();
  const { port } = gate;
  const files = await crowd.files();
  if (files < count + 256) {
    throw new Error(
      `${count} strangers need ${count + 256} open files, and this machine allows ${files}: raise ulimit -n`,
    );
  }
  const register = async (): Promise<LoadResult> => {
    const result = await clients.run('register', {
      port,
      sources: legitimate,
      atOnce: 16,
      milliseconds,
    });
    expect(Object.keys(result.outcomes)).toEqual(['registered']);
    return result;
  };
  await register();
  const { rss: before } = await gate.memory();
  let bytesEach = Number.NaN;
  const without: LoadResult[] = [];
  const withThem: LoadResult[] = [];
  for (let round = 0; round < rounds; round += 1) {
    without.push(await register());
    expect(await crowd.hold({ port, count, sources: strangers(round) })).toEqual({});
    await expect.poll(async () => (await gate.counts()).unregistered).toBe(count);
    if (round === 0) bytesEach = ((await gate.memory()).rss - before) / count;
    withThem.push(await register());
    expect(await crowd.held()).toBe(count);
    await crowd.release();
    await gate.empty();
  }
  const p99 = ({ answered }: LoadResult) => (answered as Times).p99;
  const ratios = (of: (result: LoadResult) => number) =>
    median(withThem.map((result, round) => of(result) / of(without[round] as LoadResult)));
  return {
    rates: without.map(({ rate }, round) => [rate, withThem[round]?.rate ?? Number.NaN]),
    rateKept: ratios(({ rate }) => rate),
    p99Times: ratios(p99),
    bytesEach,
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
