import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heartbeats } from '../../../adapters/service/workers/heartbeats.js';
import type { WorkerProcess } from '../../../adapters/service/workers/worker-process.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('T79: a worker that runs and does not open is hung after a minute, however often it is heard', () => {
  const hung: number[] = [];
  const heartbeats = new Heartbeats((_worker, silence) => hung.push(silence));
  const [late, open] = [{} as WorkerProcess, {} as WorkerProcess];
  heartbeats.started(late);
  heartbeats.started(open);
  heartbeats.opened(open);
  for (let second = 1; second < 60; second += 1) {
    vi.advanceTimersByTime(1_000);
    heartbeats.heard(late);
    heartbeats.heard(open);
  }
  expect(hung).toEqual([]);
  vi.advanceTimersByTime(2_000);
  expect(hung).toEqual([60_000]);
  expect(heartbeats.isLive(open)).toBe(true);
  heartbeats.close();
});
