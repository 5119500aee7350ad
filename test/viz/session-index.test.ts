import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clientTypes,
  configurations,
  type SessionSummary,
  type SessionVerdict,
  verdicts,
} from '../../machines/index.js';
import { nameFor } from '../../viz/src/parts/verdict-words.js';
import { SessionIndex, type SessionQuery } from '../../viz/src/state/session-index.js';

const everything: SessionQuery = {
  filter: '',
  verdict: '',
  state: '',
  type: '',
  sort: '-start',
  now: null,
};

const summaryOf = (changes: Partial<SessionSummary>): SessionSummary => ({
  session: 's',
  seat: 'server',
  state: 'registered',
  verdict: 'registered',
  figure: '1',
  clientName: null,
  clientType: null,
  mediaType: null,
  proxyClientId: null,
  startedAt: 0,
  lastAt: 0,
  elapsed: 0,
  registeredAfter: 0,
  deadline: null,
  reason: null,
  error: null,
  errors: 0,
  steps: 1,
  story: [],
  missing: null,
  ...changes,
});

const summaries: fc.Arbitrary<SessionSummary> = fc
  .record({
    session: fc.integer({ min: 0, max: 30 }).map((id) => `s-${id}`),
    state: fc.constantFrom(...configurations),
    verdict: fc.constantFrom(...(Object.keys(verdicts) as SessionVerdict[])),
    clientName: fc.constantFrom(null, '', 'desk-1', 'Desk-2', 'kiosk'),
    clientType: fc.constantFrom(null, ...clientTypes),
    startedAt: fc.integer({ min: 0, max: 9 }),
    elapsed: fc.integer({ min: 0, max: 9 }),
  })
  .map(summaryOf);
const queries: fc.Arbitrary<SessionQuery> = fc.record({
  filter: fc.constantFrom('', 'desk', 'DESK s-1', 'nothing like it'),
  verdict: fc.constantFrom('', 'registered', 'refused'),
  state: fc.constantFrom('', 'registered', 'disconnected'),
  type: fc.constantFrom('', 'Proxy'),
  sort: fc.constantFrom('start', '-start', 'name', '-name', 'duration', '-verdict', 'nonsense'),
  now: fc.constantFrom(null, 5),
});

describe('The index of sessions', () => {
  it('lists, whatever came, changed and went before, what a plain filter would', () => {
    const step = fc.oneof(
      summaries.map((summary) => ({ set: summary })),
      fc.integer({ min: 0, max: 30 }).map((id) => ({ drop: `s-${id}` })),
      queries.map((query) => ({ ask: query })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), queries, (steps, last) => {
        const index = new SessionIndex();
        const plain = new Map<string, SessionSummary>();
        for (const one of [...steps, { ask: last }]) {
          if ('set' in one) {
            index.set(one.set);
            plain.set(one.set.session, one.set);
          } else if ('drop' in one) {
            index.delete(one.drop);
            plain.delete(one.drop);
          } else {
            const { sessions, known } = index.list(one.ask);
            expect(known).toBe(plain.size);
            expect(new Set(sessions)).toEqual(
              new Set([...plain.values()].filter(matching(one.ask))),
            );
            expect(sessions).toHaveLength(new Set(sessions).size);
          }
        }
      }),
    );
  });

  it('counts what each chip would leave', () => {
    fc.assert(
      fc.property(fc.array(summaries, { maxLength: 40 }), queries, (all, query) => {
        const index = new SessionIndex();
        for (const summary of all) index.set(summary);
        const { byVerdict, byState, byType } = index.list(query);
        for (const [verdict, count] of byVerdict) {
          expect(index.list({ ...query, verdict }).sessions).toHaveLength(count);
        }
        for (const [state, count] of byState) {
          expect(index.list({ ...query, state }).sessions).toHaveLength(count);
        }
        for (const [type, count] of byType) {
          expect(index.list({ ...query, type }).sessions).toHaveLength(count);
        }
      }),
    );
  });

  it('sorts by start, name (those without one last), duration and verdict, both ways', () => {
    const index = new SessionIndex();
    index.set(summaryOf({ session: 'a', clientName: 'b', startedAt: 3, elapsed: 1 }));
    index.set(
      summaryOf({ session: 'b', clientName: null, startedAt: 1, elapsed: 3, verdict: 'open' }),
    );
    index.set(
      summaryOf({ session: 'c', clientName: 'A', startedAt: 2, elapsed: 2, verdict: 'left' }),
    );
    const order = (sort: string) =>
      index
        .list({ ...everything, sort })
        .sessions.map(({ session }) => session)
        .join('');
    expect(order('start')).toBe('bca');
    expect(order('-start')).toBe('acb');
    expect(order('name')).toBe('cab');
    expect(order('duration')).toBe('acb');
    expect(order('-duration')).toBe('bca');
    expect(order('verdict')).toBe('bac');
    expect(order('nonsense')).toBe('acb');
  });

  it('sorts open sessions by how long they have lasted by now', () => {
    const index = new SessionIndex();
    index.set(summaryOf({ session: 'old', startedAt: 0, elapsed: 1 }));
    index.set(summaryOf({ session: 'new', startedAt: 90, elapsed: 2 }));
    index.set(summaryOf({ session: 'over', startedAt: 0, elapsed: 50, state: 'disconnected' }));
    const order = (now: number | null) =>
      index.list({ ...everything, sort: '-duration', now }).sessions.map(({ session }) => session);
    expect(order(100)).toEqual(['old', 'over', 'new']);
    expect(order(null)).toEqual(['over', 'new', 'old']);
    expect(order(200)).toEqual(['old', 'new', 'over']);
  });

  it('finds what a row shows: name, type, state, verdict, time', () => {
    const index = new SessionIndex();
    const startedAt = new Date(2026, 5, 1, 9, 41, 7).getTime();
    index.set(
      summaryOf({
        ...{ session: 'a', clientName: 'kiosk-9', clientType: 'MediaServer', startedAt },
        ...{ state: 'disconnected', verdict: 'refused-then-spoke' },
      }),
    );
    index.set(summaryOf({ session: 'b' }));
    const found = (filter: string) =>
      index.list({ ...everything, filter }).sessions.map(({ session }) => session);
    for (const filter of ['KIOSK', 'mediaserver', 'disconnected', 'then spoke', '09:41:07']) {
      expect(found(filter), filter).toEqual(['a']);
    }
    for (const filter of ['no name', 'no type', 'registered']) expect(found(filter)).toEqual(['b']);
    expect(found('kiosk registered')).toEqual([]);
  });

  it('shows every character of a name, and no text that turns the rest around', () => {
    const name = (clientName: string | null) => nameFor(summaryOf({ clientName }));
    expect(name('desk-1')).toBe('desk-1');
    expect(name('ok\u202egnp.exe')).toBe('ok\\u{202e}gnp.exe');
    expect(name('a\nb')).toBe('a\\u{a}b');
    expect(name('   ')).toBe('(3 blanks)');
    expect(name('')).toBe('(no name)');
    expect(name('x'.repeat(300))).toBe(`${'x'.repeat(255)}…`);
  });

  it('knows the newest, however it is sorted and whenever it was heard of', () => {
    const index = new SessionIndex();
    index.set(summaryOf({ session: 'late', startedAt: 9 }));
    index.set(summaryOf({ session: 'early', startedAt: 1 }));
    expect(index.list({ ...everything, sort: 'start' }).newest?.session).toBe('late');
    index.set(summaryOf({ session: 'twin', startedAt: 9 }));
    expect(index.list(everything).newest?.session).toBe('twin');
    expect(index.list({ ...everything, filter: 'early' }).newest?.session).toBe('early');
    expect(index.list({ ...everything, filter: 'none' }).newest).toBe(null);
  });
});

function matching({ filter, verdict, state, type }: SessionQuery) {
  return (summary: SessionSummary): boolean => {
    const text = [summary.clientName, summary.session, summary.error?.text]
      .join('\n')
      .toLowerCase();
    return (
      filter
        .toLowerCase()
        .split(' ')
        .every((word) => text.includes(word)) &&
      (verdict === '' || summary.verdict === verdict) &&
      (state === '' || summary.state === state) &&
      (type === '' || summary.clientType === type)
    );
  };
}
