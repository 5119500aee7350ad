import { expect, it } from 'vitest';
import { runNode } from '../support/run-node.js';

it('Memory stays flat while a viewer sees 10,000 sessions come and go', async () => {
  const child = await runNode(['--expose-gc', 'test/xstate-inspector/memory-child.mjs']);
  expect(child.stderr).toBe('');
  const { registered, stopped, heap } = JSON.parse(child.stdout) as {
    registered: number;
    stopped: number;
    heap: number[];
  };
  expect(registered).toBe(10_000);
  expect(stopped).toBe(10_000);
  // The genuine package by itself keeps some 6.5 KB a session: 52 MB over these 8,000.
  const grown = (heap[9] ?? 0) - (heap[1] ?? 0);
  expect(grown / 8_000).toBeLessThan(100);
}, 300_000);
