/** What a directory in Redis does when the store or the way to it fails. */
import { randomUUID } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DirectoryPartition, Kick } from '../../../adapters/directory/directory.js';
import {
  openRedisDirectory,
  type RedisDirectoryOptions,
} from '../../../adapters/directory/redis/open-redis-directory.js';
import { temporaryFolder } from '../../support/folder.js';
import { freePort } from '../../support/free-port.js';
import { type InstalledServer, startRedis, startRedisOn } from '../../support/installed-servers.js';
import { StallingProxy } from '../../support/stalling-proxy.js';
import { hasRedis } from './redis-stores.js';

const long = 60_000;
/** Longer than a busy machine takes for a request. */
const patience = 700;
const waiting = { timeout: 20_000, interval: 10 };

/** A gate with one partition, and a client that looks into the store. */
async function gate(port: number, more: Partial<RedisDirectoryOptions> = {}) {
  const cluster = more.cluster ?? `test-${randomUUID()}`;
  const usual = { lease: long, partitions: 1, commandTimeout: 10_000 };
  const directory = await openRedisDirectory(`redis://127.0.0.1:${port}`, {
    ...{ ...usual, ...more },
    cluster,
  });
  const partition = directory.partitions[0] as DirectoryPartition;
  const gaps: number[] = [];
  const kicks: Kick[] = [];
  const messages: string[] = [];
  await directory.watch('a', {
    gap: ({ index }) => gaps.push(index),
    kick: (kick) => kicks.push(kick),
    message: (text) => messages.push(text),
  });
  const incarnation = await partition.join('a');
  const usualClaim = { clientName: 'anna', session: 's', cap: 1, policy: 'reject' } as const;
  return {
    ...{ cluster, directory, partition, incarnation, gaps, kicks, messages },
    /** The key of the partition with a suffix. */
    key: (suffix: string) => `{ixg:${cluster}:0}${suffix}`,
    claim: (claim: { clientName?: string; session?: string; policy?: 'takeover' } = {}) =>
      partition.claim({ ...usualClaim, ...claim, incarnation }),
    [Symbol.asyncDispose]: () => directory.close(),
  };
}

describe.skipIf(!hasRedis()).concurrent('A directory in a Redis that fails', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let redis: InstalledServer;
  let client: Redis;

  beforeAll(async () => {
    folder = await temporaryFolder();
    redis = await startRedis(folder.path);
    client = new Redis(redis.port);
  });

  afterAll(async () => {
    await client.quit();
    await redis[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('finds that acknowledged writes were lost at the next request', async () => {
    await using a = await gate(redis.port);
    for (const clientName of ['anna', 'bob']) await a.claim({ clientName });
    expect(a.gaps).toEqual([]);
    await client.hincrby(a.key('i'), `${a.incarnation}q`, -1);
    await a.partition.renew(a.incarnation);
    expect(a.gaps).toEqual([0]);
    await a.partition.renew(a.incarnation);
    await a.claim({ clientName: 'carl' });
    expect(a.gaps).toEqual([0]);
  });

  it('finds that kicks were lost at the second renewal', async () => {
    await using a = await gate(redis.port);
    await client.hincrby(a.key('i'), `${a.incarnation}k`, 1);
    await a.partition.renew(a.incarnation);
    expect(a.gaps).toEqual([]);
    await a.partition.renew(a.incarnation);
    expect(a.gaps).toEqual([0]);
    await a.partition.renew(a.incarnation);
    expect(a.gaps).toEqual([0]);
  });

  it('finds that kicks were lost at the next kick', async () => {
    await using a = await gate(redis.port);
    await using b = await gate(redis.port, { cluster: a.cluster });
    await a.claim();
    await client.hincrby(a.key('i'), `${a.incarnation}k`, 1);
    await b.claim({ session: 's2', policy: 'takeover' });
    await vi.waitFor(() => expect(a.kicks).toHaveLength(1), waiting);
    expect(a.gaps).toEqual([0]);
  });

  it('shortens leases that end too late because the clock of the store went back', async () => {
    await using a = await gate(redis.port);
    await using b = await gate(redis.port, { cluster: a.cluster });
    const late = Date.now() + 1_000 * long;
    await client.zadd(a.key('l'), late * 1_000, a.incarnation);
    await client.hset(a.key('i'), `${a.incarnation}l`, late * 1_000);
    await b.partition.renew(b.incarnation);
    const [left = 0] = (await b.partition.list())
      .filter(({ incarnation }) => incarnation === a.incarnation)
      .map(({ leaseRemaining }) => leaseRemaining);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(long);
    expect(Number(await client.hget(a.key('i'), `${a.incarnation}l`))).toBeLessThan(late * 1_000);
  });

  it('gives a lapsed incarnation to one sweeper at a time', async () => {
    await using a = await gate(redis.port);
    await using b = await gate(redis.port, { cluster: a.cluster });
    await using c = await gate(redis.port, { cluster: a.cluster });
    await client.zadd(a.key('l'), 1, c.incarnation);
    await client.hset(a.key('i'), `${c.incarnation}l`, 1);
    const renewals = await Promise.all(
      [a, b, a, b].map((one) => one.partition.renew(one.incarnation)),
    );
    const expired = renewals.flatMap((one) => (one.outcome === 'renewed' ? one.expired : []));
    expect(expired).toEqual([c.incarnation]);
    // The sweeper may die: then another gate gets it.
    await client.hset(a.key('i'), `${c.incarnation}w`, 1);
    expect(await b.partition.renew(b.incarnation)).toMatchObject({ expired });
  });

  it('removes the traces of a name that another gate took', async () => {
    await using a = await gate(redis.port);
    await using b = await gate(redis.port, { cluster: a.cluster });
    await a.claim();
    await b.claim({ session: 's2', policy: 'takeover' });
    const indexes = Array.from({ length: 16 }, (_, at) => a.key(`s:${a.incarnation}:${at}`));
    await vi.waitFor(async () => expect(await client.exists(indexes)).toBe(0), waiting);
    expect(await b.partition.holders('anna')).toHaveLength(1);
  });

  it('leaves no names, no leases and no key that expires behind', async () => {
    await using a = await gate(redis.port);
    for (let at = 0; at < 100; at += 1)
      await a.claim({ clientName: `agent-${at}`, session: `s${at}` });
    const keys = await client.keys(a.key('*'));
    const ttls = await Promise.all(keys.map((key) => client.ttl(key)));
    expect(new Set(ttls)).toEqual(new Set([-1]));
    await a.partition.leave(a.incarnation);
    expect(await client.keys(a.key('*'))).toEqual([a.key('i')]);
    expect(await client.hkeys(a.key('i'))).toEqual(['e']);
  });

  it('loads its scripts again after SCRIPT FLUSH', async () => {
    await using a = await gate(redis.port);
    await a.claim({ clientName: 'anna' });
    await client.script('FLUSH');
    expect(await a.claim({ clientName: 'bob', session: 's2' })).toMatchObject({
      outcome: 'granted',
    });
    expect(a.gaps).toEqual([]);
  });

  it('audits every partition when a connection was lost and is open again', async () => {
    await using own = await temporaryFolder();
    await using server = await startRedis(own.path);
    await using killer = {
      client: new Redis(server.port),
      [Symbol.asyncDispose]: async () => void (await killer.client.quit()),
    };
    await using a = await gate(server.port, { partitions: 3 });
    await killer.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await vi.waitFor(() => expect(a.gaps).toEqual([0, 1, 2]), waiting);
    await a.directory.send('a', 'heard again');
    await vi.waitFor(() => expect(a.messages).toEqual(['heard again']), waiting);
    await killer.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitFor(() => expect(a.gaps).toEqual([0, 1, 2, 0, 1, 2]), waiting);
    expect(await a.claim()).toMatchObject({ outcome: 'granted' });
  });

  it('does not know a gate any more when the store was restarted empty, and lets it join again', async () => {
    await using own = await temporaryFolder();
    const port = await freePort();
    const first = await startRedisOn(port, own.path);
    await using a = await gate(port);
    const before = await a.claim();
    await first[Symbol.asyncDispose]();
    await expect(a.partition.renew(a.incarnation)).rejects.toMatchObject({
      code: 'DIRECTORY_UNREACHABLE',
    });
    await using _ = await startRedisOn(port, own.path);
    await vi.waitFor(async () => {
      expect(await a.partition.renew(a.incarnation)).toEqual({ outcome: 'lapsed' });
    }, waiting);
    expect(a.gaps).toContain(0);
    const incarnation = await a.partition.join('a');
    expect(incarnation > a.incarnation).toBe(true);
    const after = await a.partition.claim({
      ...{ incarnation, clientName: 'bob', session: 's2', cap: 1, policy: 'reject' },
    });
    const epochs = [before, after].map((one) => (one.outcome === 'granted' ? one.epoch : 0));
    expect(epochs[1]).toBeGreaterThan(epochs[0] ?? 0);
    await vi.waitFor(async () => {
      await a.directory.send('a', 'heard');
      expect(a.messages).toContain('heard');
    }, waiting);
  });

  it('finds writes that a failover has lost, and the epochs still rise', async () => {
    await using own = await temporaryFolder();
    await using master = await startRedis(own.path, '--repl-diskless-sync-delay', '0');
    const replicaOf = ['--replicaof', '127.0.0.1', String(master.port)];
    await using replica = await startRedis(own.path, ...replicaOf);
    const next = new Redis(replica.port);
    await using proxy = await StallingProxy.open();
    proxy.target = master.port;
    await using a = await gate(proxy.port);
    const kept = await a.claim({ clientName: 'kept' });
    await vi.waitFor(async () => {
      expect(await next.zscore(a.key('l'), a.incarnation)).not.toBeNull();
      expect(await next.hget(a.key('i'), `${a.incarnation}q`)).toBe('1');
    }, waiting);
    await next.call('REPLICAOF', 'NO', 'ONE');
    const lost = await a.claim({ clientName: 'lost', session: 's2' });
    proxy.target = replica.port;
    proxy.reset();
    // Each connection that is open again.
    await vi.waitFor(() => expect(a.gaps).toEqual([0, 0]), waiting);
    await a.partition.renew(a.incarnation);
    expect(a.gaps).toEqual([0, 0, 0]);
    expect(await a.partition.held(a.incarnation)).toMatchObject([{ clientName: 'kept' }]);
    const later = await a.claim({ clientName: 'later', session: 's3' });
    const epochs = [kept, lost, later].map((one) => (one.outcome === 'granted' ? one.epoch : 0));
    expect(epochs).toEqual(epochs.toSorted((one, other) => one - other));
    await next.quit();
  });

  it('rejects requests of unknown outcome of a slow store, and sends none again', async () => {
    await using own = await temporaryFolder();
    await using server = await startRedis(own.path);
    const slow = new Redis(server.port);
    await using a = await gate(server.port, { commandTimeout: patience });
    await a.claim({ clientName: 'warm' });
    const calls = async () => {
      const stats = await slow.info('commandstats');
      return [...stats.matchAll(/cmdstat_(?:eval|evalsha):calls=(\d+)/g)]
        .map(([, count]) => Number(count))
        .reduce((sum, count) => sum + count, 0);
    };
    const before = await calls();
    await slow.client('PAUSE', 60_000, 'WRITE');
    await expect(a.claim()).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' });
    await slow.client('UNPAUSE');
    await vi.waitFor(async () => expect(await a.partition.holders('anna')).toBeDefined(), waiting);
    // The claim, once, and the search for its holder.
    expect(await a.partition.held(a.incarnation)).toMatchObject([{}, {}]);
    expect((await calls()) - before).toBe(1 + 1 + 16);
    await slow.quit();
  });

  it('is at hand again after the way to the store was blocked', async () => {
    await using proxy = await StallingProxy.open();
    proxy.target = redis.port;
    await using a = await gate(proxy.port, { commandTimeout: patience });
    proxy.stall();
    const problem = { code: 'DIRECTORY_UNREACHABLE' };
    await expect(a.claim()).rejects.toMatchObject(problem);
    await expect(a.partition.renew(a.incarnation)).rejects.toMatchObject(problem);
    await expect(a.directory.send('a', 'lost')).rejects.toMatchObject(problem);
    proxy.release();
    await vi.waitFor(async () => {
      expect(await a.partition.renew(a.incarnation)).toMatchObject({ outcome: 'renewed' });
      await a.directory.send('a', 'heard');
      expect(a.messages).toContain('heard');
    }, waiting);
  });

  it('refuses a claim that arrives after the audit that followed it', async () => {
    await using proxy = await holdingProxy(redis.port);
    await using a = await gate(proxy.port, { commandTimeout: patience });
    proxy.hold();
    await expect(a.claim()).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' });
    // On a new connection.
    await vi.waitFor(async () => {
      expect(await a.partition.held(a.incarnation)).toEqual([]);
    }, waiting);
    const calls = await callsOf(client);
    proxy.release();
    await vi.waitFor(async () => expect(await callsOf(client)).toBeGreaterThan(calls), waiting);
    await vi.waitFor(async () => {
      expect(await a.partition.held(a.incarnation)).toEqual([]);
    }, waiting);
    expect(await a.partition.holders('anna')).toEqual([]);
  });

  it('rejects requests after it was closed', async () => {
    const a = await gate(redis.port);
    await a.directory.close();
    await a.directory.close();
    await expect(a.claim()).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' });
    await expect(a.directory.time()).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' });
  });
});

async function callsOf(client: Redis): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

/** A proxy that holds back what the connections of a moment send, even after they were closed. New connections are forwarded. */
async function holdingProxy(target: number) {
  let sockets: { readonly client: Socket; readonly server: Socket }[] = [];
  let held: (() => void)[] = [];
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect(target, '127.0.0.1');
    sockets.push({ client, server });
    client.pipe(server);
    server.pipe(client);
    for (const socket of [client, server]) socket.on('error', () => {});
  });
  const port = await freePort();
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  return {
    port,
    hold() {
      for (const { client, server } of sockets) {
        client.unpipe(server);
        client.on('data', (data) => held.push(() => void server.write(data))).resume();
      }
      sockets = [];
    },
    release() {
      for (const pass of held) pass();
      held = [];
    },
    async [Symbol.asyncDispose]() {
      proxy.close();
      for (const { client, server } of sockets) {
        client.destroy();
        server.destroy();
      }
    },
  };
}
