/** A registration through a proxy that breaks it, at every byte of both directions. TLS: proxy-tls.full.test.ts. */
import { describe, it } from 'vitest';
import { strikeAll } from '../support/fault-suite.js';

for (const scheme of ['tcp', 'ws'] as const) {
  describe(`A registration over ${scheme}`, { timeout: 120_000 }, () => {
    for (const [direction, what] of [
      ['up', 'the data of the client'],
      ['down', 'the data of the server'],
    ] as const) {
      it(`T17: has the same outcome when ${what} is split at any byte`, async () => {
        await strikeAll(scheme, direction, 'split');
      });

      it(`T29, T30: ends for both sides with the right reason when ${what} is cut off at any byte`, async () => {
        await strikeAll(scheme, direction, 'cut');
      });

      it(`T30: ends for both sides with the right reason when it is reset at any byte of ${what}`, async () => {
        await strikeAll(scheme, direction, 'reset');
      });

      it(`T30: ends by the timeout of the side that waits when ${what} stalls at any byte`, async () => {
        await strikeAll(scheme, direction, 'stall');
      });
    }
  });
}
