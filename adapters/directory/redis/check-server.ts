import { DirectoryError } from '../errors.js';
import type { RedisKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisAddress } from './redis-url.js';

/** The oldest version, which is also the oldest that has been tested by its users with scripts that read the time and then write. */
const oldest = [6, 2] as const;

/**
 * Checks whether a server can hold a directory.
 * @throws {DirectoryError}
 */
export async function checkServer(
  address: RedisAddress,
  connection: RedisConnection,
  keys: RedisKeys,
): Promise<void> {
  const problem = problemOf(address, factsOf(await connection.info()));
  if (problem !== null) {
    throw new DirectoryError('DIRECTORY_UNSUPPORTED', `the directory ${address.shown} ${problem}`);
  }
  await connection.run('probe', [keys.partition(0).meta], [keys.clusterChannel]);
}

function problemOf({ kind }: RedisAddress, facts: ReadonlyMap<string, string>): string | null {
  const version = facts.get('redis_version');
  if (version === undefined) return 'is not a Redis or Valkey server';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return `has Redis ${version}; ${oldest.join('.')} or newer is needed`;
  }
  if (facts.get('redis_mode') === 'sentinel') {
    return 'is a Sentinel; use redis+sentinel://HOST:PORT/MASTER';
  }
  if (facts.get('role') !== 'master' && kind !== 'cluster') {
    const master = `${facts.get('master_host')}:${facts.get('master_port')}`;
    return `is a read-only replica; give the address of its master (${master}), or of the Sentinels`;
  }
  if (facts.get('cluster_enabled') === '1' && kind !== 'cluster') {
    return 'is part of a Redis Cluster; use redis+cluster://';
  }
  const eviction = facts.get('maxmemory_policy') ?? '';
  if (eviction.startsWith('allkeys') && facts.get('maxmemory') !== '0') {
    return `removes keys when its memory is full (maxmemory-policy ${eviction}); set the policy noeviction`;
  }
  return null;
}

function factsOf(info: string): Map<string, string> {
  const lines = info.split(/\r?\n/).map((line) => line.split(':'));
  return new Map(lines.map(([name = '', ...rest]) => [name, rest.join(':')]));
}
