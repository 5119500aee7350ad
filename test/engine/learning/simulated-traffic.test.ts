/** Random traffic to a simulated server: the passive learner finds its machine. */
import { expect, it } from 'vitest';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { figure, learned, model } from './traffic.js';

it('The server of the figure shows no difference, and takes every edge', () => {
  const { differences, doubtful, unknown, edges, machine } = learned(model.table, 5_000, 1);
  expect({ differences, doubtful, unknown }).toEqual({
    differences: [],
    doubtful: [],
    unknown: [],
  });
  expect(edges.filter(({ count }) => count === 0)).toEqual([]);
  expect(differencesOf(figure, machine, 50)).toEqual([]);
});
