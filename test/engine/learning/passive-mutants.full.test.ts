/** The passive learner against the comparison of both machines, for every server with one mistake. */
import { expect, it } from 'vitest';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { mutantsOf } from '../../../machines/engine/mutation/mutants.js';
import { expectedRegistration } from '../../../machines/registration/sut/expected.js';
import { delays, figure, learned, model } from './traffic.js';

it('Mutants show a difference when they are not equivalent, and none when they are', () => {
  const results = [...mutantsOf(model.table)]
    .filter(({ kind }) => kind !== 'extra-state')
    .map(({ table, description }) => {
      const isOther = differencesOf(figure, expectedRegistration({ delays, table }), 50).length > 0;
      const isFound = learned(table, 2_000, 7).differences.length > 0;
      return { description, isOther, isFound };
    });
  expect(results.filter(({ isOther }) => isOther).length).toBeGreaterThan(50);
  expect(results.filter(({ isOther, isFound }) => isOther !== isFound)).toEqual([]);
});
