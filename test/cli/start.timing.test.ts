import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { program } from './ixgate.js';

/** Milliseconds of a process from its start to its end. */
function timeOf(...args: string[]): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd: tmpdir() });
  expect(status).toBe(0);
  return performance.now() - start;
}

it('ixgate --version takes at most two and a half times as long as Node itself', () => {
  const bare: number[] = [];
  const command: number[] = [];
  // Alternately, so that a busy moment falls on both. The minima are what the machine can do.
  for (let round = 0; round < 12; round += 1) {
    bare.push(timeOf('-e', '0'));
    command.push(timeOf(program, '--version'));
  }
  expect(Math.min(...command) / Math.min(...bare)).toBeLessThan(2.5);
});
