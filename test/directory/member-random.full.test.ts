import { expect, it } from 'vitest';
import { describeBroken, firstBroken } from './random-cluster.js';

it('keeps its promises in 1,500 random lives of three gates with faults', {
  timeout: 600_000,
}, async () => {
  const broken = await firstBroken(201, 1_500);
  expect(broken && describeBroken(broken)).toBe(null);
});
