import { expect, it } from 'vitest';
import { hostOf, isLoopback } from '../../adapters/net/hosts.js';

it.each(['localhost', '127.0.0.1', '127.255.0.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
  '%s is a loopback host',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

it.each(['', '128.0.0.1', '10.127.0.0', '127.1', '127.0.0.1.example', '::2', '::ffff:10.0.0.1'])(
  '"%s" is not a loopback host',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

it('the host of each text is its own, whatever was asked before', () => {
  const texts = ['', 'A:1', 'A:1', '%', '%', '[::1]:2', '', 'a'];
  expect(texts.map(hostOf)).toEqual([null, 'a', 'a', null, null, '::1', null, 'a']);
});
