import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxHeader, parseProxyHeader } from '../../../adapters/net/proxy-protocol/header.js';
import { bad, good } from './headers.js';

describe('A header of the PROXY protocol', () => {
  it.each(good)('is read: %s', (_what, header, client) => {
    expect(parseProxyHeader(header)).toEqual({ length: header.length, client });
    const withData = Buffer.concat([header, Buffer.from('\r\n{}\n')]);
    expect(parseProxyHeader(withData)).toEqual({ length: header.length, client });
  });

  it.each(good)('needs all of its bytes: %s', (_what, header) => {
    for (let length = 0; length < header.length; length += 1) {
      expect(parseProxyHeader(header.subarray(0, length))).toBeNull();
    }
  });

  it.each(bad)('is refused: %s', (_what, header) => {
    expect(parseProxyHeader(header)).toEqual({ problem: expect.any(String) });
  });

  it('is never awaited for more than 536 bytes, and no input throws', () => {
    const starts = [...good, ...bad].map(([, header]) => header);
    fc.assert(
      fc.property(
        fc.constantFrom(...starts),
        fc.nat(60),
        fc.uint8Array({ maxLength: 600 }),
        (start, cut, rest) => {
          const data = Buffer.concat([start.subarray(0, cut), rest]);
          const result = parseProxyHeader(data);
          if (result === null) expect(data.length).toBeLessThan(maxHeader);
          else if ('length' in result) expect(result.length).toBeLessThanOrEqual(data.length);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('has an IPv4 address that no other reader takes for another', () => {
    // An address with zeros is octal for some readers.
    expect(parseProxyHeader(Buffer.from('PROXY TCP4 010.0.0.1 1.1.1.1 1 1\r\n'))).toEqual({
      problem: expect.any(String),
    });
  });
});
