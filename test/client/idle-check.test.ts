import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IdleCheck } from '../../adapters/client/idle-check.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A check of 100 ms and 40 ms, with what it did, and a way to answer what it asked last. */
function checked() {
  const did: string[] = [];
  const asked: (() => void)[] = [];
  const check = new IdleCheck(
    { interval: 100, timeout: 40 },
    {
      ask: (answered) => {
        asked.push(answered);
        did.push('ask');
      },
      gone: () => did.push('gone'),
    },
  );
  return { check, did, answer: () => asked.at(-1)?.() };
}

/** Lets time pass, and then the turn in which what has arrived is read. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await nextTurn();
}

it('A server is asked when it was silent for the interval, and given up when it is for the timeout too', async () => {
  const { did } = checked();
  await pass(99);
  expect(did).toEqual([]);
  await pass(1);
  expect(did).toEqual(['ask']);
  await pass(39);
  expect(did).toEqual(['ask']);
  await pass(1);
  expect(did).toEqual(['ask', 'gone']);
  await pass(1_000);
  expect(did).toEqual(['ask', 'gone']);
  expect(vi.getTimerCount()).toBe(0);
});

it('Whatever is heard puts the question off', async () => {
  const { check, did } = checked();
  for (let times = 0; times < 10; times += 1) {
    await pass(99);
    check.heard();
  }
  expect(did).toEqual([]);
  await pass(100);
  expect(did).toEqual(['ask']);
});

it('An answer counts as activity, and the silence starts again', async () => {
  const { did, answer } = checked();
  await pass(100);
  await pass(20);
  answer();
  await pass(99);
  expect(did).toEqual(['ask']);
  await pass(1);
  expect(did).toEqual(['ask', 'ask']);
});

it('A server that has not answered a ping is not pinged again, and counts as gone if it sends nothing else', async () => {
  const { check, did } = checked();
  await pass(100);
  check.heard();
  await pass(100);
  await pass(39);
  expect(did).toEqual(['ask']);
  await pass(1);
  expect(did).toEqual(['ask', 'gone']);
});

it('Input that arrived during a delay of the event loop counts, although timers run first', async () => {
  const { did, answer } = checked();
  await pass(100);
  vi.advanceTimersByTime(5_000);
  answer();
  await nextTurn();
  expect(did).toEqual(['ask']);
});

it('A check that is stopped does nothing more, not even in the turn in which it would have', async () => {
  const early = checked();
  early.check.stop();
  await pass(1_000);
  expect(early.did).toEqual([]);
  const late = checked();
  await pass(100);
  vi.advanceTimersByTime(40);
  late.check.stop();
  await nextTurn();
  expect(late.did).toEqual(['ask']);
  expect(vi.getTimerCount()).toBe(0);
});
