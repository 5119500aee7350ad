import { describe, expect, it } from 'vitest';
import { sampleSize } from '../support/sampling.js';
import { fuzzCodec } from './fuzz-codec.js';

describe('any frames in any chunks', () => {
  it('T17, T19: decode identically however they are cut, throw nothing and leave nothing buffered', () => {
    const rounds = sampleSize(1_200);
    const tally = fuzzCodec(rounds);
    expect([...tally.keys()].sort()).toEqual([
      'message',
      'no-message-name',
      'not-an-object',
      'not-json',
      'not-utf8',
      'too-deep',
      'too-long',
      'too-many-attributes',
    ]);
    const frames = [...tally.values()].reduce((sum, count) => sum + count, 0);
    expect(frames).toBeGreaterThan(rounds * 16);
    // The generator must not produce only invalid frames.
    expect(tally.get('message')).toBeGreaterThan(rounds * 2);
  }, 60_000);
});
