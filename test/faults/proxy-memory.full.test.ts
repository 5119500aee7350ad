import { describe, expect, it } from 'vitest';
import { heapLeft } from '../support/fault-suite.js';

for (const scheme of ['tcp', 'ws'] as const) {
  describe(`A registration over ${scheme} through a proxy that breaks it`, {
    timeout: 120_000,
  }, () => {
    it('T30: leaves no memory behind however it is broken', async () => {
      // A session that is kept is some 10 KiB; what the collector and the compiler leave is some hundred bytes.
      expect(await heapLeft(scheme, 300)).toBeLessThan(4_096);
    });
  });
}
