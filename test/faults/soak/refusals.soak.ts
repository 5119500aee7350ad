import { expect, it } from 'vitest';
import { refusals } from '../../support/load-churn.js';

it('T34: a million refusals change memory by less than 5 MB', async () => {
  // More addresses than are remembered: the tables are full before the measurement.
  const result = await refusals({ count: 1_000_000, rounds: 20, warmUp: 70_000 });
  console.log('T34', JSON.stringify(result));
  expect(result.refused).toBeGreaterThanOrEqual(1_000_000);
  expect(result.furthest).toBeLessThan(5_000_000);
});
