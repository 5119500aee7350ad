/** Directories in a real redis-server. */
import { randomUUID } from 'node:crypto';
import type { Directory } from '../../../adapters/directory/directory.js';
import {
  openRedisDirectory,
  type RedisDirectoryOptions,
} from '../../../adapters/directory/redis/open-redis-directory.js';
import { installed } from '../../mqtt-connect/brokers.js';
import type { TestStore } from '../contract.js';

/** Whether redis-server is installed. If not, it logs that the tests that need it are skipped. */
export function hasRedis(): boolean {
  const version = installed('redis-server', '--version');
  if (version === null)
    console.log('skipped: redis-server is not installed (apt-get install redis-server)');
  return version !== null;
}

/** A new cluster on a server. */
export function redisStore(
  url: string,
  options: Partial<RedisDirectoryOptions> & { readonly lease: number },
): TestStore {
  const cluster = `test-${randomUUID()}`;
  const opened: Directory[] = [];
  return {
    async connect() {
      // A busy machine is slow to answer.
      const common = { cluster, partitions: 4, commandTimeout: 10_000 };
      const directory = await openRedisDirectory(url, { ...common, ...options });
      opened.push(directory);
      return directory;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((directory) => directory.close()));
    },
  };
}
