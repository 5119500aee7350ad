import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LogLine, Repeats } from '../../adapters/service/repeats.js';

let written: LogLine[];
let repeats: Repeats;
const line = (text: string): LogLine => ({ severity: 'warn', text, fields: { event: 'refused' } });
const texts = () => written.splice(0).map(({ text }) => text);

beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  repeats = new Repeats((one) => written.push(one));
});
afterEach(() => {
  vi.useRealTimers();
});

describe('lines of one kind', () => {
  test('are written twenty in ten seconds, then counted in one line', () => {
    for (let n = 1; n <= 432; n += 1) repeats.tell('refused', line(`line ${n}`));
    expect(texts()).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 1}`));
    vi.advanceTimersByTime(9_999);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(written).toEqual([
      {
        severity: 'warn',
        text: '412 more like this in 10.0 s: line 432',
        fields: { event: 'suppressed', of: 'refused', suppressed: 412 },
      },
    ]);
  });

  test('are written again in the next ten seconds, and nothing is said where nothing was left out', () => {
    for (let n = 0; n < 21; n += 1) repeats.tell('refused', line('first'));
    vi.advanceTimersByTime(10_000);
    texts();
    repeats.tell('refused', line('second'));
    expect(texts()).toEqual(['second']);
    vi.advanceTimersByTime(60_000);
    expect(texts()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('do not count for another kind', () => {
    for (let n = 0; n < 20; n += 1) repeats.tell('refused', line('refused'));
    texts();
    repeats.tell('handshake', line('handshake'));
    expect(texts()).toEqual(['handshake']);
  });

  test('beyond the maximum number of kinds count as one kind: memory is bounded', () => {
    for (let n = 0; n < 10_000; n += 1) repeats.tell(`kind ${n}`, line(`kind ${n}`));
    expect(vi.getTimerCount()).toBe(257);
    expect(texts()).toHaveLength(256 + 20);
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual([`${10_000 - 276} more like this in 10.0 s: kind 9999`]);
  });
});

describe('a problem', () => {
  test('is logged once, then counted while it lasts, and logged again when it comes back', () => {
    for (let n = 1; n <= 3; n += 1) repeats.tellOnce('webhook', line(`problem ${n}`));
    expect(texts()).toEqual(['problem 1']);
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual(['2 more like this in 10.0 s: problem 3']);
    repeats.tellOnce('webhook', line('problem 4'));
    expect(texts()).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual(['1 more like this in 10.0 s: problem 4']);
    vi.advanceTimersByTime(10_000);
    repeats.tellOnce('webhook', line('problem 5'));
    expect(texts()).toEqual(['problem 5']);
  });
});

test('the end says what was left out until then', () => {
  for (let n = 1; n <= 25; n += 1) repeats.tell('refused', line('line'));
  texts();
  repeats.end();
  expect(texts()).toEqual(['5 more like this in 10.0 s: line']);
  expect(vi.getTimerCount()).toBe(0);
});
