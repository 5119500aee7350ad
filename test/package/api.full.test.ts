import { expect, it } from 'vitest';
import { runNode } from '../support/run-node.js';

it('docs/api has the public names and types of each subpath (npm run api)', async () => {
  const { code, stderr } = await runNode(['scripts/api-report.mjs', '--check']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
}, 300_000);
