import { expect, it } from 'vitest';
import { describeBroken, firstBroken } from './random-cluster.js';

it('keeps its promises in 200 random lives of three gates with faults', async () => {
  const broken = await firstBroken(1, 200);
  expect(broken && describeBroken(broken)).toBe(null);
});
