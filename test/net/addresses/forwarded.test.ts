import { describe, expect, it } from 'vitest';
import { conflict, forwardedClient } from '../../../adapters/net/addresses/forwarded.js';
import { TrustedProxies } from '../../../adapters/net/addresses/trusted-proxies.js';

const peer = { remoteAddress: '10.0.0.1', remotePort: 1 };
const proxies = new TrustedProxies(['10.0.0.0/8', 'unix']);
const client = (headers: Record<string, string>) => forwardedClient(headers, peer, proxies);
const at = (remoteAddress: string, remotePort = 0) => ({ remoteAddress, remotePort });

describe('The client behind trusted proxies', () => {
  it.each([
    ['192.0.2.1', at('192.0.2.1')],
    ['192.0.2.1:4711', at('192.0.2.1', 4711)],
    ['2001:db8::1', at('2001:db8::1')],
    ['[2001:db8::1]:4711', at('2001:db8::1', 4711)],
    ['::ffff:192.0.2.1', at('192.0.2.1')],
    // The last address that is not a proxy; what precedes it may be forged.
    ['203.0.113.9, 192.0.2.1', at('192.0.2.1')],
    ['203.0.113.9, 192.0.2.1, 10.1.1.1,10.2.2.2', at('192.0.2.1')],
    ['10.3.3.3, 10.2.2.2', at('10.3.3.3')],
    // An unreadable address ends the chain.
    ['192.0.2.1, unknown', peer],
    ['192.0.2.1, unknown, 10.2.2.2', at('10.2.2.2')],
    ['unix', peer],
    ['', peer],
    ['192.0.2.1:99999', peer],
  ])('is found in X-Forwarded-For: %s', (header, expected) => {
    expect(client({ 'x-forwarded-for': header })).toEqual(expected);
  });

  it.each([
    ['for=192.0.2.1', at('192.0.2.1')],
    ['For=192.0.2.1;proto=https;by=10.0.0.1', at('192.0.2.1')],
    ['by=10.0.0.1; for="192.0.2.1:4711"', at('192.0.2.1', 4711)],
    ['for="[2001:db8::1]:4711"', at('2001:db8::1', 4711)],
    ['for=203.0.113.9, for=192.0.2.1, for=10.1.1.1', at('192.0.2.1')],
    ['for=192.0.2.1, for=_hidden', peer],
    ['for=192.0.2.1, for=unknown', peer],
    ['for=192.0.2.1, proto=https', peer],
    // A quote that the client left open does not swallow the element of the proxy.
    ['for="203.0.113.9, for=192.0.2.1', at('192.0.2.1')],
  ])('is found in Forwarded: %s', (header, expected) => {
    expect(client({ forwarded: header })).toEqual(expected);
  });

  it('is the peer without a header', () => {
    expect(client({})).toBe(peer);
  });

  it('is uncertain when the headers contradict each other, and certain when they agree', () => {
    const both = (list: string, forwarded: string) =>
      client({ 'x-forwarded-for': list, forwarded });
    expect(both('192.0.2.1', 'for=192.0.2.1;proto=https')).toEqual(at('192.0.2.1'));
    expect(both('192.0.2.1', 'for=203.0.113.9')).toBe(conflict);
    expect(both('203.0.113.9', 'for=192.0.2.1')).toBe(conflict);
    expect(both('192.0.2.1', 'for=unknown')).toBe(conflict);
  });
});
