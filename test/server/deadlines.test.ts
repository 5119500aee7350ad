import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deadlineClock } from '../../adapters/server/index.js';
import { never } from '../../machines/index.js';

/** Timers, immediates and the clock that never jumps are the test's. */
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Deadlines that say their name when they are reached. */
function deadlines() {
  const reached: string[] = [];
  const begin = (name: string, ms: number) =>
    deadlineClock.setTimeout(() => reached.push(name), ms);
  return { reached, begin, end: (deadline: unknown) => deadlineClock.clearTimeout(deadline) };
}

describe('deadlines', () => {
  it('of one delay have one timer, however many they are, and none when there are none', () => {
    const { begin, end } = deadlines();
    const all = Array.from({ length: 100_000 }, (_, index) => begin(`${index}`, 10_000));
    expect(vi.getTimerCount()).toBe(1);
    for (const one of all) end(one);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('come in the order in which they began, each at its time and none before', () => {
    const { reached, begin } = deadlines();
    for (const name of ['a', 'b', 'c']) {
      begin(name, 100);
      vi.advanceTimersByTime(30);
    }
    // 90 ms have passed since the first began.
    expect(reached).toEqual([]);
    vi.advanceTimersByTime(12);
    expect(reached).toEqual(['a']);
    vi.advanceTimersByTime(30);
    expect(reached).toEqual(['a', 'b']);
    vi.advanceTimersByTime(30);
    expect(reached).toEqual(['a', 'b', 'c']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of different delays do not wait for each other', () => {
    const { reached, begin } = deadlines();
    begin('long', 5_000);
    begin('short', 10);
    vi.advanceTimersByTime(12);
    expect(reached).toEqual(['short']);
    vi.advanceTimersByTime(5_000);
    expect(reached).toEqual(['short', 'long']);
  });

  it('that are ended do not come, from the middle, at the head or in the turn in which they are due', () => {
    const { reached, begin, end } = deadlines();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => begin(name, 50));
    end(b);
    end(a);
    end(a);
    deadlineClock.setTimeout(() => end(d), 50);
    vi.advanceTimersByTime(60);
    expect(reached).toEqual(['c', 'd']);
    end(c);
    const late = begin('late', 50);
    vi.advanceTimersByTime(49);
    end(late);
    vi.advanceTimersByTime(100);
    expect(reached).toEqual(['c', 'd']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may begin others of the same delay, and end those that are due with them', () => {
    const { reached, begin, end } = deadlines();
    let second: unknown;
    deadlineClock.setTimeout(() => {
      reached.push('first');
      end(second);
      begin('third', 20);
    }, 20);
    second = begin('second', 20);
    vi.advanceTimersByTime(25);
    expect(reached).toEqual(['first']);
    vi.advanceTimersByTime(25);
    expect(reached).toEqual(['first', 'third']);
  });

  it('that are due with one that was ended meanwhile come all the same', () => {
    const { reached, begin, end } = deadlines();
    let second: unknown;
    deadlineClock.setTimeout(() => end(second), 20);
    second = begin('second', 20);
    begin('third', 20);
    vi.advanceTimersByTime(25);
    expect(reached).toEqual(['third']);
  });

  it('that throw do not stop the others, and their error surfaces as one of a timer', () => {
    const { reached, begin } = deadlines();
    deadlineClock.setTimeout(() => {
      throw new Error('a fault');
    }, 20);
    begin('next', 20);
    begin('later', 40);
    expect(() => vi.advanceTimersByTime(25)).toThrow('a fault');
    expect(reached).toEqual(['next']);
    vi.advanceTimersByTime(25);
    expect(reached).toEqual(['next', 'later']);
  });

  it('that never come have no timer', () => {
    expect(deadlineClock.setTimeout(() => {}, never)).toBeUndefined();
    deadlineClock.clearTimeout(undefined);
    expect(vi.getTimerCount()).toBe(0);
  });
});
