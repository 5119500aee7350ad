import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Directory, Kick } from '../../../adapters/directory/directory.js';
import { openRedisDirectory } from '../../../adapters/directory/redis/open-redis-directory.js';
import { temporaryFolder } from '../../support/folder.js';
import { freePort } from '../../support/free-port.js';
import { startRedis } from '../../support/installed-servers.js';
import { secured } from './redis-groups.js';
import { hasRedis } from './redis-stores.js';

const options = { cluster: 'test', commandTimeout: 20_000 };

/** The code and the message of the error. */
async function problemOf(url: string, more: object = {}): Promise<string> {
  try {
    await using _ = await openRedisDirectory(url, { ...options, ...more });
    return 'opened';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

async function works(directory: Directory, clientName = 'anna'): Promise<void> {
  const partition = directory.partitionOf(clientName);
  const claim = { clientName, session: 's', cap: 1, policy: 'reject' } as const;
  const incarnation = await partition.join('a');
  expect(await partition.claim({ ...claim, incarnation })).toMatchObject({ outcome: 'granted' });
}

describe.concurrent('Opening a directory in Redis', () => {
  it('says that nothing listens', async () => {
    const port = await freePort();
    const problem = await problemOf(`redis://user:secret@127.0.0.1:${port}/3`);
    expect(problem).toMatch(
      /^DIRECTORY_UNREACHABLE: the directory redis:\/\/127\.0\.0\.1:\d+\/3 .*ECONNREFUSED/,
    );
    expect(problem).not.toContain('secret');
    const sentinel = await problemOf(`redis+sentinel://127.0.0.1:${port}/main`);
    expect(sentinel).toMatch(/^DIRECTORY_UNREACHABLE: .*All sentinels are unreachable.*Last error/);
    const cluster = await problemOf(`redis+cluster://127.0.0.1:${port}`);
    expect(cluster).toMatch(/^DIRECTORY_UNREACHABLE: .* has no node that can be reached/);
  });

  it('says that a server never answers', async () => {
    await using silent = await listening(() => undefined);
    const problem = await problemOf(silent.url, { commandTimeout: 100 });
    expect(problem).toMatch(/^DIRECTORY_UNREACHABLE: .* does not answer in time/);
  });

  it.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['NATS', 'INFO {"server_id":"x"}\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ])('says that a server speaks %s', async (_, answer) => {
    await using server = await listening(() => answer);
    expect(await problemOf(server.url)).toMatch(
      /^DIRECTORY_UNSUPPORTED: .* is not a Redis or Valkey server/,
    );
  });

  it.each([
    [{ redis_version: '6.0.16' }, 'has Redis 6.0.16; 6.2 or newer is needed'],
    [{ redis_version: '5.0.0' }, 'has Redis 5.0.0; 6.2 or newer is needed'],
    [{ redis_mode: 'sentinel' }, 'is a Sentinel; use redis+sentinel://'],
    [{ cluster_enabled: '1' }, 'is part of a Redis Cluster; use redis+cluster://'],
    [{ redis_version: '' }, 'is not a Redis or Valkey server'],
    [{ maxmemory: '9', maxmemory_policy: 'allkeys-lru' }, 'set the policy noeviction'],
  ])('checks what the server says of itself: %o', async (facts, expected) => {
    await using server = await listening((request) => {
      if (!request.includes('info')) return '+OK\r\n';
      const usual = { redis_version: '7.0.15', role: 'master', redis_mode: 'standalone' };
      const lines = Object.entries({ ...usual, ...facts }).filter(([, value]) => value !== '');
      const info = lines.map(([name, value]) => `${name}:${value}\r\n`).join('');
      return `$${info.length}\r\n${info}\r\n`;
    });
    expect(await problemOf(server.url)).toMatch(/^DIRECTORY_UNSUPPORTED: the directory redis:/);
    expect(await problemOf(server.url)).toContain(expected);
  });

  it('rejects a wrong option', async () => {
    expect(await problemOf('http://user:secret@h')).toMatch(
      /^BAD_OPTION: option directory: .*\*\*\*@h/,
    );
    expect(await problemOf('redis://h', { cluster: 'a b' })).toMatch(/^BAD_OPTION: option cluster/);
    expect(await problemOf('redis://h', { partitions: 0 })).toMatch(
      /^BAD_OPTION: option partitions/,
    );
  });
});

describe.skipIf(!hasRedis()).concurrent('Opening a directory in a real Redis', () => {
  it('has a password, and says that it is wrong or missing', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path, '--requirepass', 'sesame');
    const at = `127.0.0.1:${redis.port}`;
    await using directory = await openRedisDirectory(`redis://:sesame@${at}`, options);
    expect(directory.address).toBe(`redis://${at}/0`);
    await works(directory);
    const wrong = await problemOf(`redis://:secret@${at}`);
    expect(wrong).toMatch(/^DIRECTORY_AUTH: .* rejects the user or the password/);
    expect(wrong).not.toContain('secret');
    expect(await problemOf(`redis://other:sesame@${at}`)).toMatch(/^DIRECTORY_AUTH: .* rejects/);
    expect(await problemOf(`redis://${at}`)).toMatch(/^DIRECTORY_AUTH: .* requires a password/);
  });

  it('has a user with the permissions that it names, and says which are missing', async () => {
    await using folder = await temporaryFolder();
    const users = {
      keys: '~other:* &* +@all',
      channels: '~* resetchannels +@all',
      scripts: '~* &* +@all -@scripting',
      right: '',
    };
    const file = join(folder.path, 'users.acl');
    const write = (right: string) => {
      const lines = Object.entries({ ...users, right }).map(
        ([name, rights]) => `user ${name} on >p ${rights}`,
      );
      return writeFile(file, ['user default on nopass ~* &* +@all', ...lines].join('\n'));
    };
    await write('-@all');
    await using redis = await startRedis(folder.path, '--aclfile', file);
    const url = (user: string) => `redis://${user}:p@127.0.0.1:${redis.port}`;
    const [, right = ''] = /allow it (.*) \(/.exec(await problemOf(url('keys'))) ?? [];
    await write(`-@all ${right}`);
    const { Redis } = await import('ioredis');
    const client = new Redis(redis.port);
    await client.acl('LOAD');
    await client.quit();
    await using directory = await openRedisDirectory(url('right'), options);
    await works(directory);
    await directory.watch('a', { kick: () => {}, message: () => {}, gap: () => {} });
    for (const user of ['keys', 'channels']) {
      expect([user, await problemOf(url(user))]).toEqual([
        ...[
          user,
          expect.stringMatching(
            /^DIRECTORY_AUTH: .* denies the user a command, a key or a channel/,
          ),
        ],
      ]);
    }
    expect(await problemOf(url('scripts'))).toMatch(
      /^DIRECTORY_UNSUPPORTED: .* does not allow Lua scripts/,
    );
  });

  it('says that scripts are switched off', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path, '--rename-command', 'EVAL', '');
    const problem = await problemOf(`redis://127.0.0.1:${redis.port}`);
    expect(problem).toMatch(/^DIRECTORY_UNSUPPORTED: .* does not allow Lua scripts/);
  });

  it('says that a server is a replica, and where its master is', async () => {
    await using folder = await temporaryFolder();
    const master = await freePort();
    await using redis = await startRedis(folder.path, '--replicaof', '127.0.0.1', String(master));
    expect(await problemOf(`redis://127.0.0.1:${redis.port}`)).toMatch(
      new RegExp(`^DIRECTORY_UNSUPPORTED: .* is a read-only replica; .*127\\.0\\.0\\.1:${master}`),
    );
  });

  it('keeps clusters of one name in two databases apart, kicks and texts included', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path);
    const url = `redis://127.0.0.1:${redis.port}`;
    await using first = await openRedisDirectory(url, options);
    await using second = await openRedisDirectory(`${url}/5`, options);
    await using third = await openRedisDirectory(`${url}/5`, { ...options, cluster: 'other' });
    expect(second.address).toBe(`${url}/5`);
    const heard: string[] = [];
    const handlers = { gap: () => heard.push('gap'), kick: (_: Kick) => heard.push('kick') };
    await first.watch('a', { ...handlers, message: (text) => heard.push(text) });
    for (const directory of [first, second, third]) await works(directory);
    await second.send('a', 'of another database');
    await third.send(null, 'of another cluster');
    await first.send('a', 'own');
    await vi.waitFor(() => expect(heard).toEqual(['own']), { timeout: 20_000 });
    expect(await problemOf(`${url}/99`)).toMatch(
      /^DIRECTORY_UNSUPPORTED: .* does not have the database/,
    );
  });

  it('says that the values of a cluster are of another program', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path);
    const url = `redis://127.0.0.1:${redis.port}`;
    await using directory = await openRedisDirectory(url, options);
    const { Redis } = await import('ioredis');
    const client = new Redis(redis.port);
    await client.set('{ixg:test:settings}', 'text');
    await client.set('{ixg:test:0}i', 'text');
    await client.quit();
    const settings = { format: 1, lease: 6_000, partitions: 64 };
    await expect(directory.agree(settings)).rejects.toMatchObject({ code: 'CLUSTER_SETTINGS' });
    expect(await problemOf(url)).toMatch(/^DIRECTORY_UNSUPPORTED: .* values of another program/);
  });

  it('uses TLS, and says what is wrong with it', async () => {
    await using folder = await temporaryFolder();
    const { ca, tls, files } = await secured(folder.path);
    await using _ = await startRedis(folder.path, ...files);
    await using directory = await openRedisDirectory(`rediss://127.0.0.1:${tls}`, {
      ...options,
      ca,
    });
    await works(directory);
    await directory.watch('a', { kick: () => {}, message: () => {}, gap: () => {} });
    expect(await problemOf(`rediss://127.0.0.1:${tls}`)).toMatch(
      /^DIRECTORY_UNREACHABLE: .* TLS certificate that is not trusted/,
    );
    expect(await problemOf(`redis://127.0.0.1:${tls}`)).toMatch(
      /^DIRECTORY_UNREACHABLE: .* a server with TLS needs rediss:/,
    );
  });

  it('says that a server without Redis Cluster has none', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path);
    expect(await problemOf(`redis+cluster://127.0.0.1:${redis.port}`)).toMatch(
      /^DIRECTORY_UNSUPPORTED: .* is not part of a Redis Cluster/,
    );
  });
});

/** A server that gives an answer to each chunk. */
async function listening(answer: (request: string) => string | undefined) {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      // One answer for each request of a pipeline.
      for (const request of data.toString().split(/(?=\*\d+\r\n\$)/)) {
        const text = answer(request);
        if (text !== undefined) socket.write(text);
      }
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
