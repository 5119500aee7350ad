import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBuckets } from '../../../adapters/server/limits/index.js';

function buckets(rate: { perSecond: number; burst: number; sources?: number }) {
  const clock = { time: 5_000 };
  const table = new TokenBuckets({ ...rate, now: () => clock.time });
  /** Attempts that get through. */
  const take = (source: string, attempts: number) => {
    let taken = 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) taken += table.take(source) ? 1 : 0;
    return taken;
  };
  return { clock, table, take };
}

describe('the rate of a source', () => {
  it('is a burst at once, then a rate per second', () => {
    const { clock, take } = buckets({ perSecond: 20, burst: 100 });
    expect(take('a', 500)).toBe(100);
    clock.time += 49;
    expect(take('a', 5)).toBe(0);
    clock.time += 1;
    expect(take('a', 5)).toBe(1);
    clock.time += 1_000;
    expect(take('a', 500)).toBe(20);
  });

  it('never saves up more than a burst', () => {
    const { clock, take } = buckets({ perSecond: 20, burst: 100 });
    expect(take('a', 500)).toBe(100);
    clock.time += 3_600_000;
    expect(take('a', 500)).toBe(100);
  });

  it('is not lowered by attempts that are refused', () => {
    const { clock, take } = buckets({ perSecond: 1, burst: 1 });
    expect(take('a', 1)).toBe(1);
    for (let eighth = 0; eighth < 8; eighth += 1) {
      expect(take('a', 100)).toBe(0);
      clock.time += 125;
    }
    expect(take('a', 1)).toBe(1);
  });

  it('is its own: what one uses up, another has', () => {
    const { take } = buckets({ perSecond: 20, burst: 100 });
    expect(take('a', 500)).toBe(100);
    expect(take('b', 500)).toBe(100);
  });

  it('holds over every stretch of time, whatever the attempts', () => {
    const step = fc.record({ pause: fc.nat(3_000), attempts: fc.nat(12) });
    const rate = fc.record({
      perSecond: fc.integer({ min: 1, max: 20 }),
      burst: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(rate, fc.array(step, { maxLength: 30 }), ({ perSecond, burst }, steps) => {
        const { clock, take } = buckets({ perSecond, burst });
        const taken: { at: number; count: number }[] = [];
        for (const { pause, attempts } of steps) {
          clock.time += pause;
          taken.push({ at: clock.time, count: take('a', attempts) });
        }
        for (const [from, { at: start }] of taken.entries()) {
          let sum = 0;
          for (const { at, count } of taken.slice(from)) {
            sum += count;
            expect(sum).toBeLessThanOrEqual(burst + ((at - start) * perSecond) / 1_000 + 1e-6);
          }
        }
      }),
    );
  });
});

describe('a full table of rates', () => {
  it('stays within its maximum in a flood of a million sources, 65,536 by default', () => {
    const { table } = buckets({ perSecond: 20, burst: 100 });
    for (let source = 0; source < 1_000_000; source += 1) table.take(`stranger ${source}`);
    expect(table.size).toBe(65_536);
  });

  it('is never searched whole: a flood costs about the same in a table a thousand times as large', () => {
    const cost = (sources: number) => {
      const { table } = buckets({ perSecond: 20, burst: 100, sources });
      for (let source = 0; source < sources; source += 1) table.take(`stranger ${source}`);
      const start = performance.now();
      for (let source = 0; source < 20_000; source += 1) table.take(`new ${source}`);
      return performance.now() - start;
    };
    const least = (sources: number) => Math.min(...[1, 2, 3].map(() => cost(sources)));
    expect(least(65_536) / least(64)).toBeLessThan(100);
  });

  it('forgets the bucket that is full again first', () => {
    const { table, take } = buckets({ perSecond: 1, burst: 3, sources: 3 });
    expect(take('a', 3)).toBe(3);
    expect(take('b', 1)).toBe(1);
    expect(take('c', 2)).toBe(2);
    expect(take('d', 3)).toBe(3);
    expect(table.size).toBe(3);
    expect(take('a', 9)).toBe(0);
    expect(take('c', 9)).toBe(1);
    expect(take('d', 9)).toBe(0);
    expect(take('b', 9), 'was forgotten').toBe(3);
  });

  it('loses nothing with those that are full again, and gives their memory back', () => {
    const { clock, table, take } = buckets({ perSecond: 20, burst: 100, sources: 1_000 });
    for (let source = 0; source < 1_000; source += 1) table.take(`stranger ${source}`);
    expect(take('a', 500)).toBe(100);
    clock.time += 5_000;
    expect(take('b', 500)).toBe(100);
    expect(take('a', 500)).toBe(100);
    clock.time += 5_000;
    for (let round = 0; round < 500; round += 1) take('b', 1);
    expect(table.size).toBeLessThan(900);
    expect(take('a', 500)).toBe(100);
  });

  it('keeps an empty bucket, however many others come and take one token each', () => {
    const { clock, table, take } = buckets({ perSecond: 1, burst: 100, sources: 10 });
    expect(take('a', 500)).toBe(100);
    for (let source = 0; source < 90_000; source += 1) {
      table.take(`stranger ${source}`);
      clock.time += 1;
    }
    expect(take('a', 500), 'ninety seconds later').toBe(90);
  });

  it('limits a client with as many sources as the table has, and with a thousandth more except for that share', () => {
    const cycle = (sources: number) => {
      const { take } = buckets({ perSecond: 1, burst: 2, sources: 1_000 });
      let taken = 0;
      for (let attempt = 0; attempt < 20 * sources; attempt += 1) {
        taken += take(`${attempt % sources}`, 1);
      }
      return taken;
    };
    expect(cycle(1_000)).toBe(2_000);
    expect(cycle(1_001)).toBeLessThan(2_000 * 1.1);
  });
});
