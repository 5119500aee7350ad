import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { progressOf } from '../../adapters/cli/testing/progress.js';
import type { OutputStream } from '../../adapters/runtime/command-io.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function shown(isTTY: boolean) {
  let text = '';
  const stream = { isTTY, write: (part: string) => (text += part) } as unknown as OutputStream;
  return { progress: progressOf('cases', stream), text: () => text };
}

it('A terminal shows a bar after a second, ten times per second, and nothing is left of it', () => {
  const { progress, text } = shown(true);
  progress.at(0, 200);
  vi.advanceTimersByTime(999);
  progress.at(50, 200);
  expect(text()).toBe('');
  vi.advanceTimersByTime(1_001);
  progress.at(100, 200);
  progress.at(101, 200);
  const clear = '\r\u001b[2K';
  expect(text()).toBe(
    `${clear}${'█'.repeat(15)}${'░'.repeat(15)} 100 of 200 cases, about 2.0 s left`,
  );
  vi.advanceTimersByTime(100);
  progress.at(150);
  expect(text().endsWith(`${clear}150 cases`)).toBe(true);
  progress.end();
  expect(text().endsWith(clear)).toBe(true);
  progress.at(200, 200);
  expect(text().endsWith(clear)).toBe(true);
});

it('Short work shows nothing', () => {
  const { progress, text } = shown(true);
  progress.at(1, 2);
  progress.end();
  expect(text()).toBe('');
});

it('A file gets a line every ten seconds', () => {
  const { progress, text } = shown(false);
  for (let done = 0; done <= 25; done += 1) {
    progress.at(done, 25);
    vi.advanceTimersByTime(1_000);
  }
  expect(text()).toBe('10 of 25 cases\n20 of 25 cases\n');
});
