import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openNatsDirectory } from '../../adapters/directory/nats/open-nats-directory.js';
import { NatsServer, natsVersion } from './nats-server.js';
import { NatsGate, natsStore } from './nats-stores.js';

const waiting = { timeout: 30_000, interval: 50 };

describe.skipIf(natsVersion === null)('a NATS server that fails', () => {
  it('has all names after kill -9 with its store, and the gates hear of the gap', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 30_000 });
    const [a, b] = await gates(store, 'a', 'b');
    const epoch = await a.granted('anna');
    await b.granted('berta');
    await server.kill();
    await server.run();
    for (const one of [a, b]) await expect.poll(() => one.gaps, waiting).toBe(1);
    expect(await b.claim('anna')).toMatchObject({
      outcome: 'held',
      holders: [{ node: 'a', epoch }],
    });
    expect(await a.renew()).toMatchObject({ outcome: 'renewed' });
    expect(await a.partition.held(a.incarnation)).toMatchObject([{ clientName: 'anna', epoch }]);
    expect(await b.granted('anna', 'takeover')).toBeGreaterThan(epoch);
    await expect.poll(() => a.kicks.length, waiting).toBe(1);
  });

  it('has no lease that ended while it was down', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 500 });
    const [a] = await gates(store, 'a');
    await a.granted('anna');
    await server.kill();
    const killed = performance.now();
    await expect.poll(() => performance.now() - killed, waiting).toBeGreaterThan(600);
    await server.run();
    await expect.poll(() => a.gaps, waiting).toBe(1);
    expect(await a.renew()).toEqual({ outcome: 'lapsed' });
    expect(await a.holdersOf('anna')).toEqual([]);
    expect(await a.partition.list()).toMatchObject([{ node: 'a', leaseRemaining: 0, names: 1 }]);
  });

  it('restarted empty gets the names again, with their epochs, and grants higher ones', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 30_000 });
    const [a, b] = await gates(store, 'a', 'b');
    const settings = { format: 1, lease: 30_000, partitions: 1 };
    await a.directory.agree(settings);
    // The revisions of the bucket are higher than those that it has after the restart.
    for (let at = 0; at < 100; at += 1) await a.granted('often', 'takeover');
    const epochs: number[] = [];
    for (let at = 0; at < 50; at += 1) epochs.push(await a.granted(`name-${at}`));
    await server.kill();
    await server.removeStore();
    await server.run();
    for (const one of [a, b]) await expect.poll(() => one.gaps, waiting).toBe(1);
    expect(await a.directory.agree({ ...settings, format: 2 })).toEqual(settings);
    for (const one of [a, b]) {
      expect(await one.renew()).toEqual({ outcome: 'lapsed' });
      await one.join();
    }
    const names = epochs.map((epoch, at) => ({
      ...{ clientName: `name-${at}`, session: `a-${at + 101}`, epoch, cap: 1 },
    }));
    const result = await a.partition.reassert(a.incarnation, names.toReversed());
    expect(result).toEqual({ outcome: 'reasserted', lost: [] });
    expect(await b.granted('new')).toBeGreaterThan(Math.max(...epochs));
    expect(await b.claim('name-7')).toMatchObject({ holders: [{ node: 'a', epoch: epochs[7] }] });
    expect(await b.granted('name-7', 'takeover')).toBeGreaterThan(Math.max(...epochs));
  });

  it('never does later what was rejected while it was down', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 30_000, commandTimeout: 1_000 });
    const [a, b] = await gates(store, 'a', 'b');
    await server.kill();
    const unreachable = { code: 'DIRECTORY_UNREACHABLE' };
    for (let at = 0; at < 20; at += 1) {
      await expect(a.claim(`down-${at}`)).rejects.toMatchObject(unreachable);
    }
    await expect(a.renew()).rejects.toMatchObject(unreachable);
    await expect(a.directory.send('b', 'x')).rejects.toMatchObject(unreachable);
    await expect(a.directory.time()).rejects.toMatchObject(unreachable);
    await server.run();
    for (const one of [a, b]) await expect.poll(() => one.gaps, waiting).toBe(1);
    expect(await a.partition.held(a.incarnation)).toEqual([]);
  });

  it('that hangs leaves the outcome unknown after the time limit, and nothing is sent again', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 30_000, commandTimeout: 300 });
    const [a, b] = await gates(store, 'a', 'b');
    server.signal('SIGSTOP');
    await expect(a.claim('anna')).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' });
    server.signal('SIGCONT');
    await expect
      .poll(() => b.claim('other').catch(() => null), waiting)
      .toMatchObject({
        outcome: 'granted',
      });
    expect((await a.partition.held(a.incarnation)).length).toBeLessThanOrEqual(1);
    expect(await a.renew()).toMatchObject({ outcome: 'renewed' });
  });

  it('that is cut off without an end is noticed', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 60_000, commandTimeout: 300 });
    const [a] = await gates(store, 'a');
    server.signal('SIGSTOP');
    // The client gives up the connection after three pings without an answer.
    await expect
      .poll(async () => {
        const started = performance.now();
        await a.renew().catch(() => {});
        return performance.now() - started < 250;
      }, waiting)
      .toBe(true);
    server.signal('SIGCONT');
    await expect.poll(() => a.gaps, waiting).toBe(1);
    expect(await a.renew()).toMatchObject({ outcome: 'renewed' });
  });

  it('closes a directory whose server is gone', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url);
    const [a] = await gates(store, 'a');
    await server.kill();
    await a.directory.close();
    await expect(a.renew()).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' });
  });
});

describe.skipIf(natsVersion === null)('many claims in NATS', () => {
  it('give 20 names to one of 5 gates at a time', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 60_000 });
    const all = await gates(store, 'a', 'b', 'c', 'd', 'e');
    const owners = new Map<string, string>();
    const last = new Map<string, number>();
    let [grants, refusals] = [0, 0];
    const work = async (one: NatsGate, first: number) => {
      for (let at = 0; at < 200; at += 1) {
        const clientName = `name-${(first + at * 7) % 20}`;
        const outcome = await one.claim(clientName);
        if (outcome.outcome !== 'granted') {
          refusals += 1;
          continue;
        }
        grants += 1;
        expect([clientName, owners.get(clientName)]).toEqual([clientName, undefined]);
        owners.set(clientName, one.node);
        expect(outcome.epoch).toBeGreaterThan(last.get(clientName) ?? 0);
        last.set(clientName, outcome.epoch);
        const [held] = await one.partition.holders(clientName);
        if (!held) throw new Error(`${clientName} has no holder`);
        expect(held).toMatchObject({ node: one.node, epoch: outcome.epoch });
        owners.delete(clientName);
        await one.partition.release(one.incarnation, held);
      }
    };
    // Four at a time for each gate.
    await Promise.all(all.flatMap((one, at) => [0, 1].map((part) => work(one, at + part * 10))));
    expect(grants + refusals).toBe(2_000);
    expect(refusals).toBeGreaterThan(0);
    for (const one of all) expect(await one.partition.held(one.incarnation)).toEqual([]);
  });

  it('of a takeover replace each holder once, in the order of the epochs', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 60_000 });
    const all = await gates(store, 'a', 'b', 'c', 'd', 'e');
    const grants = new Map<string, { epoch: number; replaced: number | null; node: string }[]>();
    const work = async (one: NatsGate, first: number) => {
      for (let at = 0; at < 200; at += 1) {
        const clientName = `name-${(first + at * 7) % 20}`;
        const outcome = await one.claim(clientName, 'takeover');
        if (outcome.outcome !== 'granted') throw new Error(outcome.outcome);
        const replaced = outcome.replaced?.epoch ?? null;
        const before = grants.get(clientName) ?? [];
        grants.set(clientName, [...before, { epoch: outcome.epoch, replaced, node: one.node }]);
      }
    };
    await Promise.all(all.map((one, at) => work(one, at)));
    let kicks = 0;
    for (const [clientName, list] of grants) {
      const sorted = list.toSorted((one, other) => one.epoch - other.epoch);
      expect(sorted.map(({ replaced }) => replaced)).toEqual([
        null,
        ...sorted.slice(0, -1).map(({ epoch }) => epoch),
      ]);
      kicks += sorted.filter(({ node }, at) => at > 0 && node !== sorted[at - 1]?.node).length;
      expect(await all[0].holdersOf(clientName)).toEqual([sorted.at(-1)?.node]);
    }
    await expect.poll(() => all.flatMap((one) => one.kicks).length, waiting).toBe(kicks);
    for (const one of [...all, ...all]) await one.renew();
    expect(all.map(({ gaps }) => gaps)).toEqual([0, 0, 0, 0, 0]);
  });

  it('leave no key behind when 5 gates sweep a sixth at once', async () => {
    await using server = await NatsServer.start();
    await using store = natsStore(server.url, { lease: 3_000 });
    const [gone] = await gates(store, 'gone');
    const names = Array.from({ length: 1_000 }, (_, at) => ({
      ...{ clientName: `name-${at}`, session: `s${at}`, epoch: at + 1, cap: 1 },
    }));
    await gone.partition.reassert(gone.incarnation, names);
    const all = await gates(store, 'a', 'b', 'c', 'd', 'e');
    await expect
      .poll(async () => {
        const renewals = await Promise.all(all.map((one) => one.renew()));
        return renewals.flatMap((one) => (one.outcome === 'renewed' ? one.expired : []));
      }, waiting)
      .toContain(gone.incarnation);
    await Promise.all(all.map((one) => one.partition.sweep(gone.incarnation)));
    const [a] = all;
    expect(await a.partition.held(gone.incarnation)).toEqual([]);
    expect((await a.partition.list()).map(({ node }) => node)).not.toContain('gone');
  });
});

describe('opening a directory in NATS', () => {
  it('fails for a program that sends nothing, after 5 s', async () => {
    const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const opened = openNatsDirectory(`nats://127.0.0.1:${port}`, { cluster: 'c' });
    await expect(opened).rejects.toMatchObject({
      code: 'DIRECTORY_UNSUPPORTED',
      message: expect.stringContaining('sends nothing for 5 s'),
    });
    silent.close();
  });
});

async function gates<Nodes extends readonly string[]>(
  store: ReturnType<typeof natsStore>,
  ...nodes: Nodes
): Promise<{ [Node in keyof Nodes]: NatsGate }> {
  const all: NatsGate[] = [];
  for (const node of nodes) all.push(await NatsGate.open(await store.connect(), node));
  return all as { [Node in keyof Nodes]: NatsGate };
}
