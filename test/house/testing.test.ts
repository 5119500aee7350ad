import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { withStrength } from '../../scripts/testing-tables.js';

describe('How strong the suites are', () => {
  it('docs/testing.md says as ixgate mutate says it (npm run readme)', async () => {
    const page = await readFile('docs/testing.md', 'utf8');
    expect(page).toBe(withStrength(page));
  }, 60_000);

  it('the text of docs/testing.md and README.md has the numbers of its table', async () => {
    const page = await readFile('docs/testing.md', 'utf8');
    const killed = (criterion: string) => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${criterion}\` |`)) ?? '';
      return row.split('|').at(-3)?.trim().split('/') ?? [];
    };
    const [found, all] = killed('w1');
    expect(found).toBe(all);
    const text = page.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`it finds each of the ${all} mutants of that kind`);
    expect(text).toContain(`for each transition of the model finds ${killed('transitions')[0]}.`);
    expect(await readFile('README.md', 'utf8')).toContain(`finds each of ${all} wrong servers`);
  });
});
