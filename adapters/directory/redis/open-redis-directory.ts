import { OptionError } from '../../runtime/errors.js';
import type { Directory } from '../directory.js';
import { checkedDirectoryName } from '../directory-names.js';
import { DirectoryError } from '../errors.js';
import { checkServer } from './check-server.js';
import { RedisKeys } from './keys.js';
import { type Ioredis, RedisConnection } from './redis-connection.js';
import { RedisDirectory } from './redis-directory.js';
import { parseRedisUrl } from './redis-url.js';

export interface RedisDirectoryOptions {
  /** The name of the cluster, which begins the keys: 1 to 64 letters, digits, dots, underscores and hyphens. */
  readonly cluster: string;
  /** Milliseconds that a gate holds its names after its last renewal. @default 6000 */
  readonly lease?: number | undefined;
  /** All gates of a cluster have the same number. @default 64 */
  readonly partitions?: number | undefined;
  /** Milliseconds until an unanswered request is rejected. @default 1000, at most a quarter of the lease */
  readonly commandTimeout?: number | undefined;
  /** Certificates in PEM that `rediss://` trusts. @default those of Node */
  readonly ca?: string | Buffer | undefined;
}

/**
 * Opens a directory in Redis 6.2, Valkey or newer.
 * @param url `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, also with `rediss` (TLS); `redis+sentinel://HOST:PORT,.../MASTER[/DATABASE]`;
 * `redis+cluster://HOST:PORT,...`
 * @throws {OptionError} an option is invalid
 * @throws {DirectoryError} the store cannot be used
 */
export async function openRedisDirectory(
  url: string,
  options: RedisDirectoryOptions,
): Promise<Directory> {
  const address = parseRedisUrl(url);
  const cluster = checkedDirectoryName('cluster', options.cluster);
  const { lease = 6_000, partitions = 64 } = options;
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 4_096) {
    throw new OptionError('partitions', partitions, '1 to 4096');
  }
  const { commandTimeout = Math.min(1_000, lease / 4), ca } = options;
  const ioredis = await loadIoredis();
  const connection = new RedisConnection(ioredis, address, {
    ...{ name: `ixgate:${cluster}`, commandTimeout, ca },
  });
  const keys = new RedisKeys(cluster, address.database);
  await connection.open();
  try {
    await checkServer(address, connection, keys);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return new RedisDirectory({ address: address.shown, connection, keys, lease, partitions });
}

async function loadIoredis(): Promise<Ioredis> {
  try {
    return await import('ioredis');
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const problem =
      'ioredis is not installed, which a directory in Redis needs. Install it: npm install ioredis@6';
    throw new DirectoryError('DIRECTORY_PACKAGE', problem, { cause });
  }
}
