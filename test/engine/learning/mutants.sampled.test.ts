import { expect, it } from 'vitest';
import { mutantsOf } from '../../../machines/engine/mutation/mutants.js';
import { populationOf } from '../../../machines/engine/mutation/population.js';
import { sampleOf } from '../../support/sampling.js';
import { differencesFromRight, model, registration } from './servers.js';

it('Learning tells each mutant of the chart apart that is not equivalent', async () => {
  const tables = new Map(
    [...mutantsOf(model.table)].map(({ description, table }) => [description, table]),
  );
  const missed: unknown[] = [];
  for (const { mutants, difference } of sampleOf(populationOf(model).groups)) {
    const { description = '' } = mutants[0] ?? {};
    const table = tables.get(description);
    const { learned, differences } = await differencesFromRight(registration({ table }));
    if (differences.length === 0) missed.push({ description, difference, end: learned.end });
  }
  expect(missed).toEqual([]);
});
