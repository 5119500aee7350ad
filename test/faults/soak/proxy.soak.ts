/** Like test/faults/proxy.sampled.test.ts and proxy-tls.full.test.ts, at every byte of all four transports: takes minutes. */
import { describe, expect, it } from 'vitest';
import { schemes } from '../../../adapters/net/transports/index.js';
import { heapLeft, strikeAll } from '../../support/fault-suite.js';

describe.each(schemes)('A registration over %s', (scheme) => {
  for (const direction of ['up', 'down'] as const) {
    for (const kind of ['split', 'cut', 'reset', 'stall'] as const) {
      it(`T17, T29, T30: ${kind} at every byte ${direction}`, async () => {
        const { exchanges } = await strikeAll(scheme, direction, kind);
        console.log(`${scheme} ${direction} ${kind}: ${exchanges} exchanges, all correct`);
      });
    }
  }

  it('T30: memory after thousands of broken exchanges', async () => {
    const exchanges = 3_000;
    const left = await heapLeft(scheme, exchanges);
    console.log(`${scheme}: ${Math.round(left)} bytes an exchange left, over ${exchanges}`);
    expect(left).toBeLessThan(1_024);
  });
});
