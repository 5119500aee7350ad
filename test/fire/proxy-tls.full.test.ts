/**
 * As proxy.sampled.test.ts, over TLS. A handshake costs a hundred times what a byte costs, so here every byte of the record with the
 * request or the answer is taken, and the handshake in strides; `npm run soak -- -t T30` takes every byte.
 */
import { describe, expect, it } from 'vitest';
import { heapLeft, type Offsets, strikeAll } from '../support/fault-suite.js';

/** Every `near`th byte of the last record and the places around, every `far`th of what comes before. */
const inStrides =
  (near: number, far: number): Offsets =>
  (landmarks, direction) => {
    const { hello, open, said } = landmarks[direction];
    // The answer over plain TLS comes behind the tickets: its record is a few bytes longer than the message.
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
      ['up', 'what the client says'],
      ['down', 'what the server says'],
    ] as const) {
      it(`T17: comes out the same where ${what} is split`, async () => {
        await strikeAll(scheme, direction, 'split', inStrides(1, 23));
      });

      it(`T29, T30: ends for both sides with the right reason where ${what} is cut off`, async () => {
        await strikeAll(scheme, direction, 'cut', inStrides(1, 23));
      });

      it(`T30: ends for both sides with the right reason where it is reset at a byte of ${what}`, async () => {
        await strikeAll(scheme, direction, 'reset', inStrides(1, 23));
      });

      it(`T30: ends by the timeout of the side that waits where ${what} stalls`, async () => {
        await strikeAll(scheme, direction, 'stall', inStrides(9, 61));
      });
    }

    it('T30: leaves no memory behind however it is broken', async () => {
      // A session that is kept is some 10 KiB; what the collector and the compiler leave is some hundred bytes.
      expect(await heapLeft(scheme, 300)).toBeLessThan(4_096);
    });
  });
}
