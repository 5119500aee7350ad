import { describe, expect, test } from 'vitest';
import {
  defaultLimits,
  type HeldSession,
  HeldSessions,
} from '../../adapters/feed/held-sessions.js';
import { weightOf } from '../../adapters/feed/step-history.js';
import { figures, playFigureOnChart, type StepRecord } from '../../machines/index.js';

const played = (index: number) => playFigureOnChart(figures[index] ?? nothing()).steps;
const registered = played(0);
const refused = played(1);

function nothing(): never {
  throw new Error('there is none');
}

function holding(limits: Partial<typeof defaultLimits> = {}) {
  const removed: HeldSession[] = [];
  const held = new HeldSessions({ ...defaultLimits, ...limits }, (one) => removed.push(one));
  const add = (session: string, steps: readonly StepRecord[]) => {
    for (const step of steps) held.add({ ...step, session });
  };
  const names = () => held.changedAfter(0).map(({ summary }) => summary.session);
  const stepsOf = (session: string) => held.get(session)?.history.size;
  return { held, removed, add, names, stepsOf };
}

describe('what is held', () => {
  test('of many more sessions than there is room for: the live ones, and those that ended last', () => {
    const { held, removed, add, names } = holding({ sessions: 5 });
    add('live 1', registered);
    for (let number = 1; number <= 20; number += 1) add(`ended ${number}`, refused);
    add('live 2', registered);
    expect(names()).toEqual(['live 1', 'live 2', 'ended 18', 'ended 19', 'ended 20']);
    expect(removed.map(({ summary }) => summary.session)).toEqual(
      Array.from({ length: 17 }, (_, index) => `ended ${index + 1}`),
    );
    expect(held.totals()).toEqual({
      accepted: 22,
      byVerdict: { registered: 2, refused: 20 },
      byState: { registered: 2, disconnected: 20 },
    });
  });

  test('of live sessions: all, though they are too many', () => {
    const { held, add, removed } = holding({ sessions: 5 });
    for (let number = 1; number <= 20; number += 1) add(`live ${number}`, registered);
    expect(held.size).toBe(20);
    expect(removed).toEqual([]);
  });

  test('of steps: those of the ended are forgotten first, in the order in which they ended', () => {
    const { held, add, stepsOf } = holding({ steps: 3 * registered.length + refused.length });
    for (const number of [1, 2, 3]) add(`live ${number}`, registered);
    add('ended 1', refused);
    add('ended 2', refused);
    expect(stepsOf('ended 1')).toBe(0);
    expect(stepsOf('ended 2')).toBe(refused.length);
    add('live 4', registered);
    add('live 5', registered);
    expect(stepsOf('ended 2')).toBe(0);
    // Nothing is left but live ones: the oldest of them lose theirs.
    expect(stepsOf('live 1')).toBe(0);
    expect(stepsOf('live 5')).toBe(registered.length);
    expect(held.load.steps).toBeLessThanOrEqual(3 * registered.length + refused.length);
    expect(held.get('live 1')?.summary.verdict).toBe('registered');
  });

  test('of a live session whose steps were forgotten: those that come', () => {
    const { add, stepsOf, held } = holding({ steps: registered.length });
    add('one', registered);
    add('two', registered);
    expect(stepsOf('one')).toBe(0);
    const last = registered.at(-1) ?? nothing();
    const next = { ...last, seq: last.seq + 1, from: 'registered' } as const;
    add('one', [next]);
    expect(stepsOf('two')).toBe(0);
    expect(held.get('one')?.history.from(1, 10, 1_000_000)).toEqual([{ ...next, session: 'one' }]);
    expect(held.load).toEqual({ steps: 1, bytes: weightOf(next) });
  });

  test('is no more than the bytes that are allowed, and is counted right all the while', () => {
    const bytes = 100_000;
    const { held, add, names } = holding({ bytes, sessions: 100, stepsOfSession: 4 });
    const long = registered.map((step) => ({
      ...step,
      payload: step.payload && { ...step.payload, text: 'x'.repeat(step.seq * 1_000) },
    }));
    for (let number = 1; number <= 300; number += 1) {
      add(`session ${number}`, number % 3 === 0 ? refused : long);
      expect(held.load.bytes).toBeLessThanOrEqual(bytes);
    }
    const all = names().map((name) => held.get(name) ?? nothing());
    expect(held.load).toEqual({
      steps: all.reduce((sum, { history }) => sum + history.size, 0),
      bytes: all
        .flatMap(({ history }) => history.from(1, 1_000, Number.POSITIVE_INFINITY))
        .reduce((sum, step) => sum + weightOf(step), 0),
    });
  });

  test('of one long session: its first and its last steps, from any place', () => {
    const { held, add } = holding({ stepsOfSession: 100 });
    add('long', registered);
    const last = registered.at(-1) ?? nothing();
    const steps = Array.from({ length: 1_000 }, (_, index) => ({
      ...last,
      seq: last.seq + index + 1,
      from: 'registered' as const,
    }));
    add('long', steps);
    const history = held.get('long')?.history ?? nothing();
    const end = last.seq + 1_000;
    expect(history.size).toBe(100);
    expect([1, 50, 51, end].map((seq) => history.firstFrom(seq))).toEqual([1, 50, end - 49, end]);
    expect(history.firstFrom(end + 1)).toBe(null);
    const seqs = (from: number, count: number) =>
      history.from(from, count, Number.POSITIVE_INFINITY).map(({ seq }) => seq);
    expect(seqs(1, 3)).toEqual([1, 2, 3]);
    // A piece ends where steps were dropped, so that the gap shows.
    expect(seqs(49, 3)).toEqual([49, 50]);
    expect(seqs(51, 2)).toEqual([end - 49, end - 48]);
    expect(seqs(end - 1, 10)).toEqual([end - 1, end]);
    expect(seqs(end + 1, 10)).toEqual([]);
    expect(history.from(1, 10, 1)).toHaveLength(1);
    // Forgotten steps count, those of a history that was cleared too.
    const [again = nothing()] = last.transition;
    const before = registered.filter(({ transition }) => transition.includes(again)).length;
    expect(history.transitionsUpTo(end - 50)[again]).toBe(before + 950);
    expect(history.transitionsUpTo(end)).toMatchObject({ 'awaiting:RequestRegisterClient': 1 });
    history.clear();
    expect(history.transitionsUpTo(end)[again]).toBe(before + 1_000);
  });

  test('of a session whose chart failed: that it is gone', () => {
    const { held, add } = holding();
    add('failed', registered);
    expect(held.ended('failed', 'server-closed')?.summary).toMatchObject({
      state: 'disconnected',
      reason: 'server-closed',
      verdict: 'registered',
    });
    expect(held.totals().byState).toEqual({ disconnected: 1 });
    expect(held.ended('failed', 'server-closed')).toBeNull();
    expect(held.ended('absent', 'server-closed')).toBeNull();
  });
});
