import { expect, it } from 'vitest';
import { churn } from '../../support/load-churn.js';

it('T11: after a minute of connects, resets, registrations and drops, all resources are released', async () => {
  const { clients, before, after } = await churn({ milliseconds: 60_000, warmUp: 20_000 });
  console.log('T11', JSON.stringify({ clients, before, after }));
  expect(after).toEqual({ ...before, heap: expect.any(Number) });
  expect(after.heap - before.heap).toBeLessThan(2_000_000);
});
