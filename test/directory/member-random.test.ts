import { expect, it } from 'vitest';
import { describeBroken, firstBroken } from './random-cluster.js';

it('keeps its promises in 300 random lives of three gates with faults', async () => {
  const broken = await firstBroken(1, 300);
  expect(broken && describeBroken(broken)).toBe(null);
});
