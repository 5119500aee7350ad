import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { withStrength } from '../../scripts/testing-tables.js';

it('docs/testing.md says how strong the suites are as ixgate mutate says it (npm run readme)', async () => {
  const page = await readFile('docs/testing.md', 'utf8');
  expect(page).toBe(withStrength(page));
}, 60_000);
