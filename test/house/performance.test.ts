import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { drawings, withCost, withPerformance } from '../../scripts/performance-tables.js';

const read = (path: string) => readFile(path, 'utf8');
const results = async (name: string) => JSON.parse(await read(`bench/results/${name}.json`));

describe('How fast it is', () => {
  it('docs/performance.md says as the results of the bench say it (npm run readme)', async () => {
    const page = await read('docs/performance.md');
    expect(page).toBe(withPerformance(page, await results('servers'), await results('tools')));
  });

  it('README.md has the cost of a registration that was measured', async () => {
    const page = await read('README.md');
    expect(page).toBe(withCost(page, await results('servers')));
  });

  it('the drawings are of the same results', async () => {
    for (const [name, drawing] of drawings(await results('servers'))) {
      expect(await read(`docs/performance/${name}`)).toBe(drawing);
    }
  });
});
