import { describe, expect, test } from 'vitest';
import { Bans } from '../../../adapters/server/limits/index.js';

/** A table with a clock of the test. */
function tableOf(max?: number) {
  let now = 1_000;
  return {
    bans: new Bans(() => now, max),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('bans', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.7', '::ffff:192.0.2.7', true],
    ['::ffff:192.0.2.7', '192.0.2.7', true],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.9/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['0.0.0.0/0', '10.0.0.1', true],
    ['0.0.0.0/0', '::1', false],
    ['2001:db8::/48', '2001:db8:0:ffff::1', true],
    ['2001:db8::/48', '2001:db8:1::', false],
    ['::1', 'unix', false],
    ['::1', '', false],
  ])('of %s hold for %s: %s', (source, address, isBanned) => {
    const { bans } = tableOf();
    bans.add(source, 60_000);
    expect(bans.remaining(address)).toBe(isBanned ? 60_000 : 0);
  });

  test('end after their time, or never; the longest of an address counts', () => {
    const { bans, pass } = tableOf();
    bans.add('10.0.0.1', 1_000);
    bans.add('10.0.0.0/8', 5_000);
    expect(bans.remaining('10.0.0.1')).toBe(5_000);
    pass(4_999);
    expect(bans.list()).toEqual([{ source: '10.0.0.0/8', remaining: 1 }]);
    pass(1);
    expect(bans.remaining('10.0.0.1')).toBe(0);
    expect(bans.list()).toEqual([]);
    bans.add('10.0.0.1', null);
    pass(1e12);
    expect(bans.remaining('10.0.0.1')).toBe(Number.POSITIVE_INFINITY);
    expect(bans.list()).toEqual([{ source: '10.0.0.1', remaining: null }]);
  });

  test('are replaced by a second ban of the same block, and taken back however it is written', () => {
    const { bans } = tableOf();
    bans.add('10.0.0.0/8', null);
    expect(bans.add('10.1.2.3/8', 1_000)).toEqual({ source: '10.0.0.0/8', remaining: 1_000 });
    expect(bans.size).toBe(1);
    expect(bans.remove('10.0.0.0')).toBe(false);
    expect(bans.remove('10.9.9.9/8')).toBe(true);
    expect(bans.size).toBe(0);
  });

  test('are at most 10,000, with a clear error; ended ones make room', () => {
    const { bans, pass } = tableOf();
    for (let index = 0; index < 10_000; index += 1) {
      bans.add(`10.0.${index >> 8}.${index & 255}`, 1_000);
    }
    const oneMore = () => bans.add('192.0.2.7', 1_000);
    expect(oneMore).toThrow(expect.objectContaining({ code: 'BANS_FULL' }));
    expect(oneMore).toThrow('the gate has 10000 bans, its maximum; take some back, or ban a block');
    bans.add('10.0.0.1', 2_000);
    pass(1_000);
    oneMore();
    expect(bans.size).toBe(2);
  });

  test('of anything else are refused', () => {
    const { bans } = tableOf();
    for (const text of ['desk-1', '10', '10.0.0.0/33', '', '10.0.0.1/']) {
      expect(() => bans.add(text, 1), text).toThrow('is not an address or block');
    }
  });
});
