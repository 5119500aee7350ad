/** A directory in a Redis Cluster. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Directory, DirectoryPartition } from '../../../adapters/directory/directory.js';
import { DirectoryError } from '../../../adapters/directory/errors.js';
import { openRedisDirectory } from '../../../adapters/directory/redis/open-redis-directory.js';
import { temporaryFolder } from '../../support/folder.js';
import { freePort } from '../../support/free-port.js';
import { startRedis } from '../../support/installed-servers.js';
import { describeDirectory } from '../contract.js';
import { secured, startRedisCluster } from './redis-groups.js';
import { hasRedis, redisStore } from './redis-stores.js';

describe.skipIf(!hasRedis())('a directory in a Redis Cluster', () => {
  let group: Awaited<ReturnType<typeof startRedisCluster>>;

  beforeAll(async () => {
    group = await startRedisCluster();
  });

  afterAll(() => group[Symbol.asyncDispose]());

  describeDirectory('redis cluster', async (lease) =>
    redisStore(group.url, { lease, partitions: 16 }),
  );

  it('says that a server of a cluster has to be opened as a cluster', async () => {
    const url = `redis://127.0.0.1:${group.ports[0]}`;
    await expect(openRedisDirectory(url, { cluster: 'test' })).rejects.toMatchObject({
      ...{ code: 'DIRECTORY_UNSUPPORTED', message: expect.stringContaining('redis+cluster://') },
    });
  });

  it('audits when the connection to a node was lost, and goes on', async () => {
    const cluster = `test-${randomUUID()}`;
    await using directory = await openRedisDirectory(group.url, {
      cluster,
      partitions: 16,
      lease: 60_000,
    });
    const gaps = new Set<number>();
    await directory.watch('a', {
      ...{ kick: () => {}, message: () => {} },
      gap: ({ index }) => gaps.add(index),
    });
    const incarnations = new Map<DirectoryPartition, string>();
    for (const partition of directory.partitions) {
      incarnations.set(partition, await partition.join('a'));
    }
    await group.clients[0]?.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitFor(() => expect(gaps.size).toBe(16), { timeout: 20_000 });
    await vi.waitFor(
      async () => {
        for (const [partition, incarnation] of incarnations) {
          expect(await partition.renew(incarnation)).toMatchObject({ outcome: 'renewed' });
        }
      },
      { timeout: 20_000 },
    );
  });

  it('keeps every granted name, once, while its slot moves from node to node', async () => {
    const cluster = `test-${randomUUID()}`;
    const options = { cluster, partitions: 1, lease: 60_000, commandTimeout: 5_000 };
    await using a = await openRedisDirectory(group.url, options);
    await using b = await openRedisDirectory(group.url, options);
    const slot = Number(await group.clients[0]?.call('CLUSTER', 'KEYSLOT', `{ixg:${cluster}:0}`));
    const joined = await Promise.all(
      [a, b].map(async ({ partitions: [partition] }) => ({
        partition: partition as DirectoryPartition,
        incarnation: (await partition?.join('a')) ?? '',
      })),
    );
    const granted = new Map<string, number>();
    const unknown: string[] = [];
    let isMoving = true;
    let longest = 0;
    const claims = joined.map(async ({ partition, incarnation }, gate) => {
      let [after, last] = [0, performance.now()];
      for (let at = 0; after < 100; at += 1) {
        const clientName = `agent-${at}`;
        const claim = { clientName, session: `${gate}-${at}`, cap: 1, policy: 'takeover' } as const;
        try {
          const outcome = await partition.claim({ ...claim, incarnation });
          if (outcome.outcome !== 'granted') throw new Error(outcome.outcome);
          granted.set(clientName, Math.max(granted.get(clientName) ?? 0, outcome.epoch));
          longest = Math.max(longest, performance.now() - last);
          last = performance.now();
          if (!isMoving) after += 1;
        } catch (error) {
          if (!(error instanceof DirectoryError)) throw error;
          unknown.push(clientName);
          await delay(5);
        }
      }
    });
    for (let move = 0; move < 6; move += 1) {
      const before = granted.size;
      await vi.waitFor(() => expect(granted.size).toBeGreaterThan(before + 100), {
        timeout: 20_000,
      });
      await moveSlot(group, slot);
    }
    isMoving = false;
    await Promise.all(claims);
    console.log(
      `moved a slot 6 times: ${granted.size} names granted, ${unknown.length} claims refused, ${Math.round(longest)} ms without a grant`,
    );
    for (const [clientName, epoch] of granted) {
      if (unknown.includes(clientName)) continue;
      const holders = await a.partitionOf(clientName).holders(clientName);
      expect([clientName, holders.map((one) => one.epoch)]).toEqual([clientName, [epoch]]);
    }
    for (const { partition, incarnation } of joined) {
      expect(await partition.renew(incarnation)).toMatchObject({ outcome: 'renewed' });
    }
  });

  it('uses TLS to the nodes of a Redis Cluster', async () => {
    await using folder = await temporaryFolder();
    const { ca, tls, files } = await secured(folder.path);
    const bus = [
      '--cluster-enabled',
      'yes',
      '--cluster-announce-ip',
      '127.0.0.1',
      '--cluster-port',
      String(await freePort()),
    ];
    await using _ = await startRedis(folder.path, ...files, ...bus, '--tls-cluster', 'yes');
    const client = new Redis(tls, { tls: { ca } });
    await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await vi.waitFor(
      async () => expect(await client.cluster('INFO')).toContain('state:ok'),
      20_000,
    );
    client.disconnect();
    const url = `rediss+cluster://127.0.0.1:${tls}`;
    await using directory = await openRedisDirectory(url, { cluster: 'test', ca });
    await works(directory);
  });
});

/** Moves a slot to the next node, as redis-cli does. */
async function moveSlot(
  { clients, ports }: Awaited<ReturnType<typeof startRedisCluster>>,
  slot: number,
): Promise<void> {
  const ids = await Promise.all(
    clients.map(async (client) => String(await client.call('CLUSTER', 'MYID'))),
  );
  const nodes = String(await clients[0]?.call('CLUSTER', 'NODES')).split('\n');
  const at = ids.findIndex((id) => {
    const line = nodes.find((one) => one.startsWith(id)) ?? '';
    return line
      .split(' ')
      .slice(8)
      .some((range) => {
        const [from = 0, to = from] = range.split('-').map(Number);
        return slot >= from && slot <= to;
      });
  });
  const [source, target] = [clients[at], clients[(at + 1) % clients.length]];
  const [from = '', to = ''] = [ids[at], ids[(at + 1) % ids.length]];
  const port = ports[(at + 1) % ports.length] ?? 0;
  await target?.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from);
  await source?.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to);
  for (;;) {
    const keys = (await source?.call('CLUSTER', 'GETKEYSINSLOT', slot, 10)) as string[];
    if (keys.length === 0) break;
    await source?.call('MIGRATE', '127.0.0.1', port, '', 0, 5_000, 'KEYS', ...keys);
  }
  for (const client of [target, source, ...clients])
    await client?.call('CLUSTER', 'SETSLOT', slot, 'NODE', to);
}

async function works(directory: Directory): Promise<void> {
  const partition = directory.partitionOf('anna');
  const claim = { clientName: 'anna', session: 's', cap: 1, policy: 'reject' } as const;
  const incarnation = await partition.join('a');
  expect(await partition.claim({ ...claim, incarnation })).toMatchObject({ outcome: 'granted' });
  await directory.watch('a', { kick: () => {}, message: () => {}, gap: () => {} });
}
