import { describe, expect, it } from 'vitest';
import { slowestOfBurst, starve } from '../../support/load-starvation.js';

/** The maximum memory of one silent unregistered client, in bytes. */
const budget = 16 * 1_024;

describe('Unregistered clients', () => {
  it('T8: 10,000 of them stay connected while clients register at 0.9 of the rate without them or better, none fails, and p99 is at most twice as long', async () => {
    const starvation = await starve({ count: 10_000, rounds: 11, milliseconds: 1_500 });
    console.log('T8', JSON.stringify(starvation));
    expect(starvation.rateKept).toBeGreaterThanOrEqual(0.9);
    expect(starvation.p99Times).toBeLessThanOrEqual(2);
    expect(starvation.bytesEach).toBeLessThanOrEqual(budget);
  });

  it.each([256, 1_024])(
    'T13: %i concurrent connects are all accepted without the second that a lost SYN costs',
    async (count) => {
      const slowest = await slowestOfBurst(count);
      console.log(`T13: the slowest of ${count} connected after ${Math.round(slowest)} ms`);
      expect(slowest).toBeLessThan(900);
    },
  );
});
