import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceSet } from '../../../adapters/net/addresses/source-set.js';
import { sourceOf } from '../../../adapters/server/limits/index.js';

const lengths = { ipv4: 24, ipv6: 48 };
const addressOf = (text: string) => sourceOf(text, lengths).address;
const prefixOf = (text: string, changed = {}) => sourceOf(text, { ...lengths, ...changed }).prefix;

describe('a source', () => {
  it('of IPv4 is the address, and the block that its first bits make', () => {
    expect(sourceOf('192.0.2.77', lengths)).toEqual({
      address: '192.0.2.77',
      prefix: '192.0.2.0/24',
    });
  });

  it('of IPv6 is the /64, since one host may have all of it', () => {
    const source = { address: '2001:db8:1:2::/64', prefix: '2001:db8:1::/48' };
    expect(sourceOf('2001:db8:1:2::1', lengths)).toEqual(source);
    expect(sourceOf('2001:db8:1:2:ffff:ffff:ffff:ffff', lengths)).toEqual(source);
    expect(sourceOf('2001:0DB8:0001:0002:0:0:0:7', lengths)).toEqual(source);
    expect(addressOf('2001:db8:1:3::1')).not.toBe(source.address);
  });

  it('of IPv4 that came over IPv6 is the one of IPv4', () => {
    for (const mapped of ['::ffff:192.0.2.77', '::ffff:c000:24d', '::FFFF:192.0.2.77']) {
      expect(sourceOf(mapped, lengths), mapped).toEqual(sourceOf('192.0.2.77', lengths));
    }
  });

  it('of a link-local address is the same whichever interface it came over', () => {
    expect(addressOf('fe80::1%eth0')).toBe('fe80::/64');
  });

  it('of a connection without an address is empty', () => {
    for (const text of ['', 'memory', 'localhost', '192.0.2.256']) {
      expect(sourceOf(text, lengths), text).toEqual({ address: '', prefix: '' });
    }
  });

  it('has a block of any length', () => {
    expect(prefixOf('192.0.2.77', { ipv4: 0 })).toBe('0.0.0.0/0');
    expect(prefixOf('192.0.2.77', { ipv4: 20 })).toBe('192.0.0.0/20');
    expect(prefixOf('192.0.2.77', { ipv4: 31 })).toBe('192.0.2.76/31');
    expect(prefixOf('192.0.2.77', { ipv4: 32 })).toBe('192.0.2.77/32');
    expect(prefixOf('2001:db8:ffff::1', { ipv6: 0 })).toBe('::/0');
    expect(prefixOf('2001:db8:ffff::1', { ipv6: 33 })).toBe('2001:db8:8000::/33');
    expect(prefixOf('2001:db8:ffff::1', { ipv6: 64 })).toBe('2001:db8:ffff::/64');
  });

  it('shares its block with exactly those whose first bits are the same', () => {
    const address = fc.nat(0xffffffff);
    const text = (bits: number) => [24, 16, 8, 0].map((by) => (bits >>> by) & 255).join('.');
    // Beside any two addresses, two that differ in one bit: that is where the line runs.
    const pair = fc.oneof(
      fc.tuple(address, address),
      fc.tuple(address, fc.nat(31)).map(([one, bit]) => [one, (one ^ (1 << bit)) >>> 0] as const),
    );
    fc.assert(
      fc.property(pair, fc.nat(32), ([one, other], ipv4) => {
        const high = (bits: number) => Math.floor(bits / 2 ** (32 - ipv4));
        const same = prefixOf(text(one), { ipv4 }) === prefixOf(text(other), { ipv4 });
        expect(same).toBe(high(one) === high(other));
      }),
    );
  });
});

describe('a set of sources', () => {
  const set = new SourceSet(['10.0.0.0/8', '192.0.2.7', '::1', 'fd00::/8', '::ffff:198.51.100.1']);

  it('has the addresses it names and those in the blocks it names', () => {
    for (const text of ['10.255.0.1', '192.0.2.7', '::1', 'fd12::9', '198.51.100.1']) {
      expect(set.has(text), text).toBe(true);
    }
    for (const text of ['11.0.0.1', '192.0.2.8', '::2', 'fe00::1', '198.51.100.2', '', 'memory']) {
      expect(set.has(text), text).toBe(false);
    }
  });

  it('knows IPv4 in whichever of its two forms it is asked for or named', () => {
    expect(set.has('::ffff:10.1.2.3')).toBe(true);
    expect(set.has('::ffff:11.1.2.3')).toBe(false);
    const mapped = new SourceSet(['::ffff:10.0.0.0/104']);
    expect(mapped.has('10.1.2.3')).toBe(true);
    expect(mapped.has('::ffff:10.1.2.3')).toBe(true);
    expect(mapped.has('11.1.2.3')).toBe(false);
  });

  it('does not take a block of all IPv6 for one of IPv4, nor the other way about', () => {
    expect(new SourceSet(['::/0']).has('10.1.2.3')).toBe(false);
    expect(new SourceSet(['0.0.0.0/0']).has('2001:db8::1')).toBe(false);
    expect(new SourceSet(['0.0.0.0/0']).has('::ffff:10.1.2.3')).toBe(true);
  });

  it('may be empty', () => {
    expect(new SourceSet([]).has('127.0.0.1')).toBe(false);
  });

  it('says which text is neither an address nor a block', () => {
    const wrong = [
      '',
      'localhost',
      '10',
      '10.1',
      '10.0.1',
      '010.0.0.1',
      '10/8',
      '10.1/16',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '::/129',
      ' 10.0.0.1',
      10 as unknown as string,
    ];
    for (const text of wrong) {
      expect(() => new SourceSet(['::1', text]), JSON.stringify(text)).toThrow(
        `${JSON.stringify(text)} is not an address or block; expected e.g. 127.0.0.1, 10.0.0.0/8 or fd00::/8`,
      );
    }
  });
});
