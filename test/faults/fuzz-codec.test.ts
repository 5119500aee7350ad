import { describe, expect, it } from 'vitest';
import { fuzzCodec } from './fuzz-codec.js';

describe('any frames in any chunks', () => {
  it('T17, T19: decode identically however they are cut, throw nothing and leave nothing buffered', () => {
    const tally = fuzzCodec(1_200);
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
    expect(frames).toBeGreaterThan(20_000);
    // The generator must not produce only invalid frames.
    expect(tally.get('message')).toBeGreaterThan(3_000);
  }, 60_000);
});
