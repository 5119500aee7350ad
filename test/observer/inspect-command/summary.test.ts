import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { BoundedCounts } from '../../../adapters/cli/analyze/bounded-counts.js';
import { DurationsSeen } from '../../../adapters/cli/analyze/durations-seen.js';
import { LogSummary } from '../../../adapters/cli/analyze/log-summary.js';
import { RepeatOffenders } from '../../../adapters/cli/analyze/repeat-offenders.js';
import { StartsOverTime } from '../../../adapters/cli/analyze/sessions-over-time.js';
import { summaryText } from '../../../adapters/cli/analyze/summary-text.js';
import { eight, refused, registered } from './seen.js';

const plain = pc.createColors(false);

describe('durations', () => {
  test('are exact at both ends, and within a quarter of a percent between', () => {
    const milliseconds = fc.array(fc.integer({ min: 0, max: 2_000_000_000 }), { minLength: 1 });
    fc.assert(
      fc.property(milliseconds, (all) => {
        const seen = new DurationsSeen();
        for (const one of all) seen.add(one);
        const sorted = all.toSorted((a, b) => a - b);
        const at = (part: number) => sorted[Math.ceil(part * all.length) - 1] ?? 0;
        const { min, max, p50, p95, count } = seen.statistics() ?? {};
        expect([min, max, count]).toEqual([sorted[0], sorted.at(-1), all.length]);
        expect(Math.abs((p50 ?? -1) - at(0.5))).toBeLessThanOrEqual(at(0.5) * 0.0025);
        expect(Math.abs((p95 ?? -1) - at(0.95))).toBeLessThanOrEqual(at(0.95) * 0.0025);
      }),
    );
  });

  test('of which there are none have no statistics', () => {
    expect(new DurationsSeen().statistics()).toBeNull();
  });
});

describe('sessions over time', () => {
  test('are all counted, in columns that are never more than allowed', () => {
    const starts = fc.array(fc.integer({ min: -100_000_000, max: 2_000_000_000_000 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(starts, (given) => {
        const over = new StartsOverTime(60);
        for (const at of given) over.add(at, at % 2 === 0);
        const { all = [], unregistered = [], from = 0, to = 0, width = 0 } = over.result() ?? {};
        const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
        expect(all.length).toBeLessThanOrEqual(60);
        expect(sum(all)).toBe(given.length);
        expect(sum(unregistered)).toBe(given.filter((at) => at % 2 === 0).length);
        expect(from).toBeLessThanOrEqual(Math.min(...given));
        expect(to).toBeGreaterThan(Math.max(...given));
        expect(to - from).toBe(width * all.length);
      }),
    );
  });

  test('stand in the column of their start', () => {
    const over = new StartsOverTime(4);
    for (const second of [0, 1, 1, 3]) over.add(eight + second * 1_000, second === 1);
    expect(over.result()).toMatchObject({
      width: 1_000,
      all: [1, 2, 0, 1],
      unregistered: [0, 2, 0, 0],
    });
    over.add(eight + 6_000, false);
    expect(over.result()).toMatchObject({
      width: 2_000,
      all: [3, 1, 0, 1],
      unregistered: [2, 0, 0, 0],
    });
  });
});

describe('repeat offenders', () => {
  test('are names with three sessions that ended unregistered, with the median of their period', () => {
    const offenders = new RepeatOffenders(10);
    // In order of end, which is not that of start.
    for (const second of [10, 0, 21, 30]) offenders.add(refused(second * 1_000));
    for (const second of [0, 1]) offenders.add(refused(second * 1_000, { client: 'twice' }));
    expect(offenders.result()).toEqual([
      { client: 'kiosk-9', sessions: 4, period: 10_000, loop: 'connect, refuse, timeout' },
    ]);
  });

  test('have the period of their first 32 sessions', () => {
    const offenders = new RepeatOffenders(10);
    for (let at = 0; at < 32; at += 1) offenders.add(refused(at * 10_000));
    for (let at = 0; at < 100; at += 1) offenders.add(refused(400_000 + at * 1_000));
    expect(offenders.result()).toMatchObject([{ sessions: 132, period: 10_000 }]);
  });

  test('do not include connections without a name', () => {
    const offenders = new RepeatOffenders(10);
    for (let at = 0; at < 5; at += 1) {
      offenders.add(refused(at, { client: '55' }));
      offenders.add(refused(at, { client: 'x-1', session: 'x-1' }));
    }
    expect(offenders.result()).toEqual([]);
  });

  test('say what they do', () => {
    const loops = [
      refused(0, { verdict: 'spoke-first', reason: 'rejection-timeout' }),
      refused(0, { verdict: 'silent', reason: 'registration-timeout' }),
      refused(0, { verdict: 'closed-before-answer', reason: 'peer-closed' }),
      refused(0, { verdict: 'not-connected', reason: 'connect-failed' }),
    ].map((session) => {
      const offenders = new RepeatOffenders(10);
      for (let at = 0; at < 3; at += 1) offenders.add(session);
      return offenders.result()[0]?.loop;
    });
    expect(loops).toEqual([
      'connect, speak, timeout',
      'connect, say nothing, timeout',
      'connect, ask, close',
      'connect, close',
    ]);
  });

  test('do not always do the same', () => {
    const offenders = new RepeatOffenders(10);
    for (const reason of ['rejection-timeout', 'peer-closed', 'rejection-timeout'] as const) {
      offenders.add(refused(0, { reason }));
    }
    expect(offenders.result()).toMatchObject([{ sessions: 3, loop: null }]);
  });

  test('are followed by a bounded number of names', () => {
    const offenders = new RepeatOffenders(2);
    for (const client of ['a', 'b', 'c', 'c', 'c', 'a']) offenders.add(refused(0, { client }));
    expect(offenders.result()).toEqual([]);
    expect(offenders.others).toBe(3);
  });
});

test('counts tell so many texts apart, and count the rest as others', () => {
  const counts = new BoundedCounts(2);
  for (const text of ['a', 'b', 'b', 'c', 'a', 'd', 'b']) counts.add(text);
  expect(counts.entries()).toEqual([
    ['b', 3],
    ['a', 2],
  ]);
  expect(counts.others).toBe(2);
});

describe('a summary', () => {
  const sessions = [
    ...Array.from({ length: 12 }, (_, index) => ({
      ...registered,
      session: `${index}@1`,
      startedAt: eight + index * 1_000,
      answeredAfter: index * 10,
    })),
    ...[0, 10_000, 20_000].map((after) => refused(after)),
    refused(30_000, {
      client: '55',
      verdict: 'silent',
      words: 'never registered (timed out)',
      error: null,
      answeredAfter: null,
      rejectionDeadline: null,
      registrationDeadline: 30_001,
      reason: 'registration-timeout',
      ended: 'registration deadline',
      findings: 2,
    }),
    {
      ...registered,
      verdict: 'open' as const,
      reason: null,
      ended: 'still open',
      answeredAfter: null,
    },
  ];
  const summary = new LogSummary();
  for (const session of sessions) summary.add(session);

  test('tells people what is in it', () => {
    expect(summaryText(summary.result(), plain)).toBe(
      `verdicts
         12  registered
          3  refused (2a)
          1  never registered (timed out)
          1  waiting to register

types
         13  AgentApplication
          4  -

how they ended
         12  the client closed
          3  rejection deadline
          1  registration deadline
          1  still open

errors
          3  2  client is not valid

times
  answers               15: half within 40 ms, 95 % within 110 ms, the slowest 110 ms
  registration deadline 30.0 s (seen once)
  rejection deadline    5.0 s (seen 3 times)

slowest answers
       110 ms  2026-03-02 08:00:00.000  11@1  desk-1  registered
       100 ms  2026-03-02 08:00:00.000  10@1  desk-1  registered
        90 ms  2026-03-02 08:00:00.000  9@1  desk-1  registered
        80 ms  2026-03-02 08:00:00.000  8@1  desk-1  registered
        70 ms  2026-03-02 08:00:00.000  7@1  desk-1  registered
        60 ms  2026-03-02 08:00:00.000  6@1  desk-1  registered
        50 ms  2026-03-02 08:00:00.000  5@1  desk-1  registered
        40 ms  2026-03-02 08:00:00.000  4@1  desk-1  registered
        30 ms  2026-03-02 08:00:00.000  3@1  desk-1  registered
        20 ms  2026-03-02 08:00:00.000  2@1  desk-1  registered

repeat offenders
          3  kiosk-9 looping connect, refuse, timeout every 10.0 s

over time
  all           █▃▃▃▃▃▃▃▃▃▆▃        ▃         ▃  17
  unregistered  ▃         ▃         ▃         ▃  4
                2026-03-02 08:00:00.000 to 2026-03-02 08:00:31.000, 1.0 s a column`.replace(
        /^ {7}(?= )/gm,
        '       ',
      ),
    );
  });

  test('keeps the slowest answers only', () => {
    const slowest = summary.result().slowest.map(({ answeredAfter }) => answeredAfter);
    expect(slowest).toEqual([110, 100, 90, 80, 70, 60, 50, 40, 30, 20]);
  });

  test('of answers that were as slow keeps the first', () => {
    const same = new LogSummary({ slowest: 2 });
    for (const session of ['a', 'b', 'c']) same.add({ ...registered, session });
    expect(same.result().slowest.map(({ session }) => session)).toEqual(['a', 'b']);
  });

  test('shows nothing that a terminal would obey', () => {
    const bad = '\u001b[31m\u202e\n';
    const evil = new LogSummary();
    for (let at = 0; at < 3; at += 1) {
      evil.add(
        refused(at, {
          session: bad,
          client: `x${bad}`,
          clientType: bad,
          error: { code: 1, text: bad },
        }),
      );
    }
    expect(summaryText(evil.result(), plain)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(summaryText(evil.result(), plain)).toContain('\\u{1b}[31m\\u{202e}\\u{a}');
  });

  test('is bounded, and says what it did not tell apart', () => {
    const small = new LogSummary({ names: 1, errors: 1, types: 1 });
    for (let at = 0; at < 4; at += 1) {
      small.add(
        refused(at, {
          client: `c${at}`,
          clientType: `t${at}`,
          error: { code: at, text: 'no' },
        }),
      );
    }
    expect(small.result()).toMatchObject({ otherTypes: 3, otherErrors: 3, otherNames: 3 });
    const text = summaryText(small.result(), plain);
    expect(text.match(/ 3 {2}others, beyond the limit of distinct names/g)).toHaveLength(2);
    expect(text).toContain('3 sessions of further names, beyond the limit');
  });

  test('of an empty log is one line', () => {
    expect(summaryText(new LogSummary().result(), plain)).toBe('no sessions');
  });
});
