import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Penalties } from '../../../adapters/server/limits/penalties.js';

const defaults = { min: 15_000, max: 600_000, sources: 65_536 };

/** A table of penalties with a clock that stands still until it is set. */
function penalties(changed: Partial<typeof defaults> = {}) {
  const clock = { time: 1_000_000 };
  const table = new Penalties({ ...defaults, ...changed, now: () => clock.time });
  return { clock, table };
}

describe('penalties of a source', () => {
  it('T33: accrue, and hold from the least that is enforced on', () => {
    const { table } = penalties();
    table.add('a', 5_000);
    expect(table.remaining('a')).toBe(0);
    table.add('a', 9_999);
    expect(table.remaining('a')).toBe(0);
    table.add('a', 1);
    expect(table.remaining('a')).toBe(15_000);
    table.add('a', 10_000);
    expect(table.remaining('a')).toBe(25_000);
    expect(table.remaining('b')).toBe(0);
  });

  it('T33: once enforced hold until they are served, also below the least that is enforced', () => {
    const { clock, table } = penalties();
    table.add('a', 15_000);
    clock.time += 14_999;
    expect(table.remaining('a')).toBe(1);
    table.add('a', 100);
    expect(table.remaining('a')).toBe(101);
    clock.time += 101;
    expect(table.remaining('a')).toBe(0);
  });

  it('T33: expire: after that a source starts from 0', () => {
    const { clock, table } = penalties();
    table.add('a', 15_000);
    clock.time += 15_000;
    expect(table.remaining('a')).toBe(0);
    table.add('a', 5_000);
    expect(table.remaining('a')).toBe(0);
  });

  it('are served by waiting also before they are enforced', () => {
    const { clock, table } = penalties();
    table.add('a', 10_000);
    clock.time += 6_000;
    table.add('a', 10_000);
    expect(table.remaining('a')).toBe(0);
    table.add('a', 1_000);
    expect(table.remaining('a')).toBe(15_000);
  });

  it('T33: never grow beyond the most', () => {
    const { table } = penalties();
    for (let offence = 0; offence < 100; offence += 1) table.add('a', 10_000);
    expect(table.remaining('a')).toBe(600_000);
  });

  it('of 0 ms are ignored', () => {
    const { table } = penalties();
    table.add('a', 0);
    expect(table.size).toBe(0);
  });
});

describe('a full table of penalties', () => {
  /** Each of so many sources offends once; every one of them is new. */
  const flood = ({ clock, table }: ReturnType<typeof penalties>, sources: number, every = 0) => {
    for (let source = 0; source < sources; source += 1) {
      table.add(`stranger ${source}`, 10_000);
      clock.time += every;
    }
  };

  it('T33: stays within its bound in a flood of a million sources', () => {
    const flooded = penalties();
    flood(flooded, 1_000_000);
    expect(flooded.table.size).toBe(defaults.sources);
  });

  it('T33: is never searched whole: a flood costs about the same in a table a thousand times as large', () => {
    const cost = (sources: number) => {
      const flooded = penalties({ sources });
      flood(flooded, sources);
      const start = performance.now();
      for (let source = 0; source < 20_000; source += 1) flooded.table.add(`new ${source}`, 10_000);
      return performance.now() - start;
    };
    const least = (sources: number) => Math.min(...[1, 2, 3].map(() => cost(sources)));
    // It is about 4; a search of the whole table makes it 1,000.
    expect(least(65_536) / least(64)).toBeLessThan(100);
  });

  it('T33: keeps the long penalties, however many small ones pass through it and wherever they came in', () => {
    const flooded = penalties({ sources: 1_000 });
    const { table } = flooded;
    const offenders = Array.from({ length: 500 }, (_, index) => `offender ${index}`);
    for (const offender of offenders) table.add(offender, 600_000);
    flood(flooded, 100_000, 1);
    for (const offender of offenders) expect(table.remaining(offender)).toBe(500_000);
    expect(table.size).toBe(1_000);
  });

  it('forgets the one that ends first, and that one only', () => {
    const { table } = penalties({ sources: 3 });
    table.add('long', 60_000);
    table.add('short', 20_000);
    table.add('middle', 40_000);
    table.add('new', 15_000);
    expect(table.remaining('short')).toBe(0);
    expect(table.remaining('long')).toBe(60_000);
    expect(table.remaining('middle')).toBe(40_000);
    expect(table.remaining('new')).toBe(15_000);
  });

  it('lets a single newcomer accrue though all others end later', () => {
    const { table } = penalties({ sources: 3 });
    for (const source of ['a', 'b', 'c']) table.add(source, 600_000);
    for (let offence = 0; offence < 5; offence += 1) table.add('new', 5_000);
    expect(table.remaining('new')).toBe(25_000);
  });

  it('gives its memory back as penalties are served', () => {
    const flooded = penalties({ sources: 1_000 });
    flood(flooded, 1_000);
    flooded.clock.time += 10_000;
    for (let offence = 0; offence < 1_000; offence += 1) flooded.table.add('one', 10_000);
    expect(flooded.table.size).toBe(1);
  });

  it('T33: behaves as the plain rules say, whatever is added and whenever', () => {
    const step = fc.record({
      source: fc.nat(7).map(String),
      milliseconds: fc.oneof(fc.constant(0), fc.nat(3_000)),
      pause: fc.oneof(fc.constant(0), fc.nat(4_000)),
    });
    const options = fc.record({
      min: fc.nat(2_000),
      max: fc.integer({ min: 2_000, max: 6_000 }),
      sources: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 60 }), ({ min, max, sources }, steps) => {
        const { clock, table } = penalties({ min, max, sources });
        const rules = new Map<string, { until: number; enforced: boolean }>();
        for (const { source, milliseconds, pause } of steps) {
          clock.time += pause;
          for (const [one, { until }] of rules) if (until <= clock.time) rules.delete(one);
          table.add(source, milliseconds);
          if (milliseconds > 0) {
            const known = rules.get(source);
            if (!known && rules.size === sources) {
              const [first, second] = [...rules].sort(([, a], [, b]) => a.until - b.until);
              // Of two that end together either may go.
              if (first?.[1].until === second?.[1].until) return;
              rules.delete(first?.[0] ?? '');
            }
            const accrued = Math.min(max, (known ? known.until - clock.time : 0) + milliseconds);
            const enforced = accrued >= min || known?.enforced === true;
            rules.set(source, { until: clock.time + accrued, enforced });
          }
          expect(table.size).toBeLessThanOrEqual(sources);
          for (const one of Array.from({ length: 8 }, (_, index) => String(index))) {
            const rule = rules.get(one);
            expect(table.remaining(one)).toBe(rule?.enforced ? rule.until - clock.time : 0);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
