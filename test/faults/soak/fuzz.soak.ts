import { expect, it } from 'vitest';
import { fuzzCodec, type Tally } from '../fuzz-codec.js';

it('T17, T19: fuzz: a million frames decode identically however they are cut, and throw nothing', () => {
  const all: Tally = new Map();
  let frames = 0;
  const begun = performance.now();
  while (frames < 1_000_000) {
    for (const [outcome, count] of fuzzCodec(2_000)) {
      all.set(outcome, (all.get(outcome) ?? 0) + count);
      frames += count;
    }
  }
  const seconds = (performance.now() - begun) / 1_000;
  const rows = [...all].sort(([, one], [, two]) => two - one);
  const table = rows.map(([outcome, count]) => `  ${outcome}: ${count}`).join('\n');
  console.log(`${frames} frames in ${seconds.toFixed(0)} s\n${table}`);
  expect(all.size).toBe(8);
});
