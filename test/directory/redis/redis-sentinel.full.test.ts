/** A directory in a Redis that Sentinel watches. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Directory, DirectoryPartition } from '../../../adapters/directory/directory.js';
import { openRedisDirectory } from '../../../adapters/directory/redis/open-redis-directory.js';
import { temporaryFolder } from '../../support/folder.js';
import { freePort } from '../../support/free-port.js';
import { startRedis, startSentinel } from '../../support/installed-servers.js';
import { secured, startSentinels } from './redis-groups.js';
import { hasRedis } from './redis-stores.js';

const waiting = { timeout: 50_000, interval: 50 };

vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(!hasRedis())('A directory behind Sentinel', () => {
  let group: Awaited<ReturnType<typeof startSentinels>>;

  beforeAll(async () => {
    group = await startSentinels();
  });

  afterAll(() => group[Symbol.asyncDispose]());

  it('says that Sentinel does not know the name of the master', async () => {
    const url = group.url.replace('/main', '/other');
    await expect(openRedisDirectory(url, { cluster: 'test' })).rejects.toMatchObject({
      ...{
        code: 'DIRECTORY_UNREACHABLE',
        message: expect.stringMatching(/other.* does not know a master/),
      },
    });
    const sentinel = group.url.replace(/redis\+sentinel:\/\/([^,]*),.*/, 'redis://$1');
    await expect(openRedisDirectory(sentinel, { cluster: 'test' })).rejects.toMatchObject({
      ...{ code: 'DIRECTORY_UNSUPPORTED', message: expect.stringContaining('redis+sentinel://') },
    });
  });

  it('goes on with the new master of an ordered failover, and after its master was killed', async () => {
    const cluster = `test-${randomUUID()}`;
    await using directory = await openRedisDirectory(group.url, {
      ...{ cluster, partitions: 1, lease: 120_000 },
    });
    expect(directory.address).toBe(`${group.url}/0`);
    const gaps: number[] = [];
    const messages: string[] = [];
    await directory.watch('a', {
      kick: () => {},
      message: (text) => messages.push(text),
      gap: ({ index }) => gaps.push(index),
    });
    const partition = directory.partitions[0] as DirectoryPartition;
    const incarnation = await partition.join('a');
    const epochs = [await claimed(partition, incarnation, 'one')];
    const first = await group.masterPort();
    await group.synced(first);

    await group.failover();
    await vi.waitFor(async () => expect(await group.masterPort()).not.toBe(first), waiting);
    epochs.push(await claimed(partition, incarnation, 'two'));
    await heard(directory, messages, 'ordered');
    expect(gaps.length).toBeGreaterThan(0);
    expect(await partition.held(incarnation)).toHaveLength(2);

    const second = await group.masterPort();
    await group.synced(second);
    const server = [group.master, group.replica].find(({ port }) => port === second);
    process.kill(server?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(async () => expect(await group.masterPort()).toBe(first), waiting);
    epochs.push(await claimed(partition, incarnation, 'three'));
    await heard(directory, messages, 'killed');
    expect(epochs).toEqual(epochs.toSorted((one, other) => one - other));
    expect(new Set(epochs).size).toBe(3);
    expect(await partition.held(incarnation)).toHaveLength(3);
  });

  it('uses TLS to the Sentinels and their master', async () => {
    await using folder = await temporaryFolder();
    const { ca, tls, files } = await secured(folder.path);
    await using _ = await startRedis(folder.path, ...files);
    const file = join(folder.path, 'sentinel.conf');
    const port = await freePort();
    const lines = [
      `tls-port ${port}`,
      'tls-replication yes',
      `sentinel monitor main 127.0.0.1 ${tls} 1`,
    ];
    await writeFile(file, [`dir ${folder.path}`, ...lines].join('\n'));
    const [, , , , ...certificates] = files;
    await using _sentinel = await startSentinel(0, file, ...certificates);
    const url = `rediss+sentinel://127.0.0.1:${port}/main`;
    await using directory = await openRedisDirectory(url, { cluster: 'test', ca });
    await works(directory);
  });
});

/** Claims until the store is there again. */
async function claimed(
  partition: DirectoryPartition,
  incarnation: string,
  clientName: string,
): Promise<number> {
  return vi.waitFor(async () => {
    const claim = { clientName, session: clientName, cap: 1, policy: 'takeover' } as const;
    const outcome = await partition.claim({ ...claim, incarnation });
    if (outcome.outcome !== 'granted') throw new Error(outcome.outcome);
    return outcome.epoch;
  }, waiting);
}

async function heard(directory: Directory, messages: readonly string[], text: string) {
  await vi.waitFor(async () => {
    await directory.send('a', text);
    expect(messages).toContain(text);
  }, waiting);
}

async function works(directory: Directory): Promise<void> {
  const partition = directory.partitionOf('anna');
  const claim = { clientName: 'anna', session: 's', cap: 1, policy: 'reject' } as const;
  const incarnation = await partition.join('a');
  expect(await partition.claim({ ...claim, incarnation })).toMatchObject({ outcome: 'granted' });
  await directory.watch('a', { kick: () => {}, message: () => {}, gap: () => {} });
}
