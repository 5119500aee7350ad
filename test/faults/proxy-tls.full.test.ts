/**
 * Like proxy.sampled.test.ts, over TLS. A handshake costs a hundred times as much as a byte, so only the record with the
 * request or the answer is tested at every byte, and the handshake in strides; `npm run soak -- -t T30` tests every byte.
 */
import { describe, expect, it } from 'vitest';
import { heapLeft, type Offsets, strikeAll } from '../support/fault-suite.js';

/** Every `near`th byte of the last record and around it, every `far`th before it. */
const inStrides =
  (near: number, far: number): Offsets =>
  (landmarks, direction) => {
    const { hello, open, said } = landmarks[direction];
    // Over plain TLS the answer follows the session tickets: its record is a few bytes longer than the message.
    const last = Math.max(open, said - 100);
    const offsets = new Set<number>();
    for (let at = 0; at < last; at += far) offsets.add(at);
    for (let at = last; at <= said; at += near) offsets.add(at);
    for (const place of [hello, open, said]) {
      for (const at of [place - 1, place, place + 1]) if (at >= 0 && at <= said) offsets.add(at);
    }
    return [...offsets].sort((one, other) => one - other);
  };

for (const scheme of ['tls', 'wss'] as const) {
  describe(`A registration over ${scheme}`, { timeout: 120_000 }, () => {
    for (const [direction, what] of [
      ['up', 'the data of the client'],
      ['down', 'the data of the server'],
    ] as const) {
      it(`T17: has the same outcome when ${what} is split`, async () => {
        await strikeAll(scheme, direction, 'split', inStrides(1, 23));
      });

      it(`T29, T30: ends for both sides with the right reason when ${what} is cut off`, async () => {
        await strikeAll(scheme, direction, 'cut', inStrides(1, 23));
      });

      it(`T30: ends for both sides with the right reason when it is reset at a byte of ${what}`, async () => {
        await strikeAll(scheme, direction, 'reset', inStrides(1, 23));
      });

      it(`T30: ends by the timeout of the side that waits when ${what} stalls`, async () => {
        await strikeAll(scheme, direction, 'stall', inStrides(9, 61));
      });
    }

    it('T30: leaks no memory however it is broken', async () => {
      // A leaked session is about 10 KiB; the collector and the compiler leave some hundred bytes.
      expect(await heapLeft(scheme, 300)).toBeLessThan(4_096);
    });
  });
}
