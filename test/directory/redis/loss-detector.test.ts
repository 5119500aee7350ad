import { describe, expect, it } from 'vitest';
import { LossDetector } from '../../../adapters/directory/redis/loss-detector.js';

describe('The detection of losses', () => {
  it('finds that acknowledged writes are missing', () => {
    const losses = new LossDetector();
    for (const counted of [1, 2, 3]) {
      expect(losses.answered(losses.sent(), counted, 1)).toBe(false);
    }
    expect(losses.answered(losses.sent(), 3, 1)).toBe(true);
    expect(losses.answered(losses.sent(), 4, 1)).toBe(false);
    expect(losses.answered(losses.sent(), 3, 0)).toBe(true);
  });

  it('does not expect writes that were acknowledged after a request was sent', () => {
    const losses = new LossDetector();
    const [first, second] = [losses.sent(), losses.sent()];
    expect(losses.answered(second, 2, 1)).toBe(false);
    expect(losses.answered(first, 1, 1)).toBe(false);
    expect(losses.answered(losses.sent(), 2, 0)).toBe(false);
  });

  it('allows for writes without an answer', () => {
    const losses = new LossDetector();
    losses.sent();
    expect(losses.answered(losses.sent(), 2, 1)).toBe(false);
    expect(losses.answered(losses.sent(), 2, 0)).toBe(false);
  });

  it('reports one loss once for all requests under way', () => {
    const losses = new LossDetector();
    losses.answered(losses.sent(), 9, 1);
    const sent = [losses.sent(), losses.sent(), losses.sent()];
    expect(sent.map((one, at) => losses.answered(one, 5 + at, 1))).toEqual([true, false, false]);
    expect(losses.answered(losses.sent(), 8, 1)).toBe(false);
  });

  it('finds a missing kick by the number of the next', () => {
    const losses = new LossDetector();
    expect([1, 2, 4, 5, 5].map((number) => losses.kickHeard(number))).toEqual([
      ...[false, false, true, false, true],
    ]);
  });

  it('finds a missing kick at the second renewal that counts it', () => {
    const losses = new LossDetector();
    expect(losses.renewed(losses.sent(), 1)).toBe(false);
    expect(losses.renewed(losses.sent(), 1)).toBe(true);
    expect(losses.renewed(losses.sent(), 1)).toBe(false);
  });

  it('waits for a kick that is on its way', () => {
    const losses = new LossDetector();
    expect(losses.renewed(losses.sent(), 1)).toBe(false);
    expect(losses.kickHeard(1)).toBe(false);
    expect(losses.renewed(losses.sent(), 2)).toBe(false);
    expect(losses.kickHeard(2)).toBe(false);
    expect(losses.renewed(losses.sent(), 2)).toBe(false);
  });

  it('finds that the store has lost the number of kicks', () => {
    const losses = new LossDetector();
    losses.kickHeard(1);
    losses.kickHeard(2);
    expect(losses.renewed(losses.sent(), 1)).toBe(true);
    expect(losses.renewed(losses.sent(), 1)).toBe(false);
    expect(losses.kickHeard(2)).toBe(false);
  });

  it('allows for a kick that is heard before the answer to an earlier renewal', () => {
    const losses = new LossDetector();
    const sent = losses.sent();
    losses.kickHeard(1);
    expect(losses.renewed(sent, 0)).toBe(false);
    expect(losses.renewed(losses.sent(), 1)).toBe(false);
    expect(losses.kickHeard(2)).toBe(false);
  });
});
