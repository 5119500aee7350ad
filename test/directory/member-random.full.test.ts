import { expect, it } from 'vitest';
import { describeBroken, firstBroken } from './random-cluster.js';

it('keeps its promises in 5,000 random lives of three gates with faults', {
  timeout: 600_000,
}, async () => {
  const broken = await firstBroken(201, 5_000);
  expect(broken && describeBroken(broken)).toBe(null);
});
