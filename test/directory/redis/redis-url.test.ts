import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../../adapters/directory/redis/redis-url.js';

describe('The URL of a directory in Redis', () => {
  it.each([
    ['redis://example.com', 'redis://example.com:6379/0'],
    ['redis://example.com:7000/3', 'redis://example.com:7000/3'],
    ['redis://:secret@example.com/', 'redis://example.com:6379/0'],
    ['rediss://user:secret@[::1]:7000', 'rediss://[::1]:7000/0'],
    ['redis+sentinel://user:secret@a,b:7/main', 'redis+sentinel://a:26379,b:7/main/0'],
    ['rediss+sentinel://a/main/12', 'rediss+sentinel://a:26379/main/12'],
    ['redis+cluster://:secret@a,b:7', 'redis+cluster://a:6379,b:7'],
    ['rediss+cluster://a', 'rediss+cluster://a:6379'],
  ])('%s is shown as %s', (url, shown) => {
    expect(parseRedisUrl(url).shown).toBe(shown);
  });

  it('has a user and a password with any characters', () => {
    const address = parseRedisUrl('rediss://us%3Aer:p%40ss%2F%25:word@h:1');
    expect(address).toMatchObject({ username: 'us:er', password: 'p@ss/%:word', isTls: true });
    expect(parseRedisUrl('redis://:only@h')).toMatchObject({ username: null, password: 'only' });
    expect(parseRedisUrl('redis://h')).toMatchObject({ username: null, password: null });
  });

  it.each([
    ...[
      '',
      'redis',
      'redis:',
      'redis://',
      'redis:///0',
      'http://h',
      'redis://h:0',
      'redis://h:65536',
    ],
    ...[
      'redis://h:x',
      'redis://h/x',
      'redis://h/0/1',
      'redis://h/-1',
      'redis://h?db=1',
      'redis://h#0',
    ],
    ...[
      'redis://a,b',
      'redis://user:secret@a b',
      'redis://user:sec/ret@h',
      'redis://user:secret@h@i',
    ],
    ...['redis://user:%secret@h', 'redis://user@h', 'redis+sentinel://h', 'redis+sentinel://h//0'],
    ...['redis+cluster://h/0', 'redis+cluster://a,,b', 'redis+other://h', ' redis://user:secret@h'],
  ])('%j is invalid, and the error has no password', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(
      /^option directory: expected redis:\/\/.*redis\+cluster:\/\/.*, not "/,
    );
    expect(() => parseRedisUrl(url)).not.toThrow(/not ".*sec/);
  });
});
