/** What every store of names promises. */
import { describe, expect, it, vi } from 'vitest';
import type {
  ClaimOutcome,
  Directory,
  DirectoryPartition,
  HeldName,
  Kick,
  NameClaim,
  ReassertedName,
} from '../../adapters/directory/directory.js';

/** A new store without names. */
export interface TestStore extends AsyncDisposable {
  /** Opens a directory, as each gate does. Those that are still open are closed with the store. */
  connect(): Promise<Directory>;
}

/** Long enough for a busy machine. */
const long = 60_000;
/** Ends soon. */
const short = 300;

const waiting = { timeout: 20_000, interval: 10 };

/**
 * Declares the tests of the contract.
 * @param open opens a new store with a lease in milliseconds
 */
export function describeDirectory(name: string, open: (lease: number) => Promise<TestStore>): void {
  describe.concurrent(`the contract of a directory: ${name}`, () => {
    it('grants a free name with an epoch that is higher than all before', async () => {
      await using store = await open(long);
      const a = await gate(store, 'a');
      const names = namesOf(a, 20);
      const epochs: number[] = [];
      for (const clientName of names) epochs.push(granted(await a.claim({ clientName })));
      for (const clientName of names) {
        epochs.push(granted(await a.claim({ clientName, policy: 'takeover' })));
      }
      expect(epochs).toEqual(epochs.toSorted((one, other) => one - other));
      expect(new Set(epochs).size).toBe(epochs.length);
      expect(epochs.every(Number.isSafeInteger)).toBe(true);
    });

    it('gives the time and the lease', async () => {
      await using store = await open(long);
      const directory = await store.connect();
      expect(Math.abs((await directory.time()) - Date.now())).toBeLessThan(long);
      expect(directory.lease).toBe(long);
      expect(directory.address).not.toBe('');
    });

    it('gives a name to the same partition in all gates', async () => {
      await using store = await open(long);
      const [a, b] = [await store.connect(), await store.connect()];
      const indexes = oddNames.map((clientName) => a.partitionOf(clientName).index);
      expect(oddNames.map((clientName) => b.partitionOf(clientName).index)).toEqual(indexes);
      expect(a.partitions.map(({ index }) => index)).toEqual([...a.partitions.keys()]);
    });

    it('rejects a name that is held, and tells by whom', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const epoch = granted(await a.claim({ session: 's1' }));
      const outcome = await b.claim({ session: 's2' });
      expect(outcome).toEqual({
        outcome: 'held',
        holders: [
          {
            ...{ clientName: 'anna', session: 's1', epoch, node: 'a' },
            ...{ incarnation: a.incarnation, leaseRemaining: expect.any(Number) },
          },
        ],
      });
      const [remaining = 0] =
        outcome.outcome === 'held' ? outcome.holders.map((one) => one.leaseRemaining) : [];
      expect(remaining).toBeGreaterThan(0);
      expect(remaining).toBeLessThanOrEqual(long);
      expect(await b.holdersOf('anna')).toEqual(['a s1']);
    });

    it('rejects the fourth session of a name with a cap of three', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      granted(await a.claim({ session: 's1', cap: 3 }));
      granted(await b.claim({ session: 's2', cap: 3 }));
      granted(await a.claim({ session: 's3', cap: 3 }));
      const outcome = await b.claim({ session: 's4', cap: 3 });
      expect(outcome.outcome === 'held' && outcome.holders.map(({ session }) => session)).toEqual([
        ...['s1', 's2', 's3'],
      ]);
      expect(await a.holdersOf('anna')).toEqual(['a s1', 'b s2', 'a s3']);
    });

    it('takes a name over and kicks its holder', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const epoch = granted(await a.claim({ session: 's1' }));
      const outcome = await b.claim({ session: 's2', policy: 'takeover' });
      expect(outcome).toMatchObject({
        outcome: 'granted',
        replaced: {
          ...{ clientName: 'anna', session: 's1', epoch, node: 'a' },
          incarnation: a.incarnation,
        },
      });
      await vi.waitFor(() => expect(a.kicks).toHaveLength(1), waiting);
      expect(a.kicks[0]).toEqual({
        ...{ clientName: 'anna', session: 's1', epoch, incarnation: a.incarnation },
        partition: a.partition,
        by: { node: 'b', epoch: granted(outcome) },
      });
      expect(granted(outcome)).toBeGreaterThan(epoch);
      expect(await a.holdersOf('anna')).toEqual(['b s2']);
      expect(await a.held()).toEqual([]);
      expect(b.kicks).toEqual([]);
    });

    it('takes over from the holder with the lowest epoch where the cap is three', async () => {
      await using store = await open(long);
      const [a, b, c] = await gates(store, 'a', 'b', 'c');
      for (const [at, one] of [b, a, c].entries()) {
        granted(await one.claim({ session: `s${at}`, cap: 3 }));
      }
      const outcome = await a.claim({ session: 's3', cap: 3, policy: 'takeover' });
      expect(outcome).toMatchObject({ replaced: { session: 's0', node: 'b' } });
      await vi.waitFor(
        () => expect(b.kicks.map(({ session }) => session)).toEqual(['s0']),
        waiting,
      );
      expect(await a.holdersOf('anna')).toEqual(['a s1', 'c s2', 'a s3']);
    });

    it('takes over without a kick where there is room', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      granted(await a.claim({ session: 's1', cap: 2 }));
      expect(await b.claim({ session: 's2', cap: 2, policy: 'takeover' })).toMatchObject({
        ...{ outcome: 'granted', replaced: null },
      });
      await b.say(a, 'later');
      expect(a.kicks).toEqual([]);
    });

    it('takes over from the own gate without a kick, and tells what was replaced', async () => {
      await using store = await open(long);
      const a = await gate(store, 'a');
      const epoch = granted(await a.claim({ session: 's1' }));
      const outcome = await a.claim({ session: 's2', policy: 'takeover' });
      expect(outcome).toMatchObject({
        replaced: { session: 's1', epoch, incarnation: a.incarnation },
      });
      await a.say(a, 'later');
      expect(a.kicks).toEqual([]);
      expect(await a.held()).toEqual(['anna s2']);
    });

    it('grants a name at once when the lease of its holder has ended', async () => {
      await using store = await open(short);
      const a = await gate(store, 'a');
      const epoch = granted(await a.retried({ session: 's1' }));
      await a.lapsed();
      const b = await gate(store, 'b');
      expect(await b.holdersOf('anna')).toEqual([]);
      const outcome = await b.retried({ session: 's2' });
      expect(outcome).toMatchObject({ outcome: 'granted', replaced: null });
      expect(granted(outcome)).toBeGreaterThan(epoch);
      expect(a.kicks).toEqual([]);
    });

    it('keeps a lease as long as it is renewed', async () => {
      await using store = await open(3 * short);
      const a = await gate(store, 'a');
      granted(await a.claim({ session: 's1' }));
      const start = performance.now();
      while (performance.now() - start < 4 * short) {
        expect(await a.renew()).toMatchObject({ outcome: 'renewed' });
        await pause();
      }
      expect(await a.holdersOf('anna')).toEqual(['a s1']);
    });

    it('never revives an incarnation whose lease has ended', async () => {
      await using store = await open(short);
      const a = await gate(store, 'a');
      const name = { clientName: 'anna', session: 's1', epoch: 1, cap: 1 };
      await a.lapsed();
      expect(await a.renew()).toEqual({ outcome: 'lapsed' });
      expect(await a.claim({})).toEqual({ outcome: 'lapsed' });
      expect(await a.reassert(name)).toEqual({ outcome: 'lapsed' });
      expect(await a.renew()).toEqual({ outcome: 'lapsed' });
      expect(await a.held()).toEqual([]);
    });

    it('answers lapsed for an incarnation that it does not know', async () => {
      await using store = await open(long);
      const a = await gate(store, 'a');
      a.incarnation = 'unknown';
      expect(await a.renew()).toEqual({ outcome: 'lapsed' });
      expect(await a.claim({})).toEqual({ outcome: 'lapsed' });
      expect(await a.held()).toEqual([]);
      expect(await a.partition.sweep('unknown')).toBe(0);
      await a.partition.leave('unknown');
    });

    it('gives each incarnation a different id', async () => {
      await using store = await open(long);
      const all = await Promise.all([store.connect(), store.connect(), store.connect()]);
      const joins = all.flatMap(({ partitions: [one] }) =>
        Array.from({ length: 20 }, () => one?.join('same')),
      );
      expect(new Set(await Promise.all(joins)).size).toBe(60);
    });

    it('writes names again with their epochs', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const [one = '', other = ''] = namesOf(a, 2);
      const free = { clientName: one, session: 's1', epoch: 5_000, cap: 1 };
      const own = { clientName: other, session: 's2', cap: 1 };
      const epoch = granted(await a.claim(own));
      const result = await a.reassert(free, { ...own, epoch });
      expect(result).toEqual({ outcome: 'reasserted', lost: [] });
      expect(await b.partition.holders(one)).toMatchObject([{ session: 's1', epoch: 5_000 }]);
      expect(await b.partition.holders(other)).toMatchObject([{ session: 's2', epoch }]);
      expect((await a.held()).toSorted()).toEqual([`${one} s1`, `${other} s2`].toSorted());
      expect(await a.reassert(free)).toEqual({ outcome: 'reasserted', lost: [] });
      expect(await a.held()).toHaveLength(2);
    });

    it('kicks a holder with a lower epoch when a name is written again', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const low = granted(await a.claim({ session: 's1' }));
      const name = { clientName: 'anna', session: 's2', epoch: low + 1, cap: 1 };
      expect(await b.reassert(name)).toEqual({ outcome: 'reasserted', lost: [] });
      await vi.waitFor(() => expect(a.kicks).toHaveLength(1), waiting);
      expect(a.kicks[0]).toMatchObject({
        session: 's1',
        epoch: low,
        by: { node: 'b', epoch: low + 1 },
      });
      expect(await a.holdersOf('anna')).toEqual(['b s2']);
    });

    it('loses a name that is written again where the holder has a higher epoch', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const high = granted(await a.claim({ session: 's1' }));
      const name = { clientName: 'anna', session: 's2', epoch: high - 1, cap: 1 };
      expect(await b.reassert(name)).toEqual({ outcome: 'reasserted', lost: ['s2'] });
      expect(await a.holdersOf('anna')).toEqual(['a s1']);
      expect(await b.held()).toEqual([]);
      await b.say(a, 'later');
      expect(a.kicks).toEqual([]);
    });

    it('writes as many sessions of a name again as its cap allows', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const name = (epoch: number) => ({ clientName: 'anna', session: `s${epoch}`, epoch, cap: 2 });
      expect(await a.reassert(name(7), name(3))).toEqual({ outcome: 'reasserted', lost: [] });
      expect(await b.reassert(name(5), name(2))).toEqual({ outcome: 'reasserted', lost: ['s2'] });
      await vi.waitFor(
        () => expect(a.kicks.map(({ session }) => session)).toEqual(['s3']),
        waiting,
      );
      expect(await a.holdersOf('anna')).toEqual(['b s5', 'a s7']);
    });

    it('kicks a session of the own gate with a lower epoch when a name is written again', async () => {
      await using store = await open(long);
      const a = await gate(store, 'a');
      const name = (epoch: number) => ({ clientName: 'anna', session: `s${epoch}`, epoch, cap: 1 });
      expect(await a.reassert(name(3))).toEqual({ outcome: 'reasserted', lost: [] });
      expect(await a.reassert(name(7))).toEqual({ outcome: 'reasserted', lost: [] });
      await vi.waitFor(
        () => expect(a.kicks.map(({ session }) => session)).toEqual(['s3']),
        waiting,
      );
      expect(await a.held()).toEqual(['anna s7']);
      expect(await a.partition.list()).toMatchObject([{ names: 1 }]);
    });

    it('grants higher epochs than those that were written again', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const epoch = granted(await a.claim({})) + 60_000_000;
      const [, other = ''] = namesOf(a, 2);
      await a.reassert({ clientName: other, session: 'ahead', epoch, cap: 1 });
      expect(granted(await b.claim({ policy: 'takeover' }))).toBeGreaterThan(epoch);
    });

    it('writes a thousand names again at once', async () => {
      await using store = await open(long);
      const a = await gate(store, 'a');
      const names = namesOf(a, 1_000).map((clientName, at) => ({
        ...{ clientName, session: `s${at}`, epoch: 9_000 - at, cap: 1 },
      }));
      expect(await a.reassert(...names)).toEqual({ outcome: 'reasserted', lost: [] });
      const expected = names.map(({ clientName, session }) => `${clientName} ${session}`);
      expect((await a.held()).toSorted()).toEqual(expected.toSorted());
    });

    it('releases a name only for the session and the epoch that hold it', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const epoch = granted(await a.claim({ session: 's1' }));
      const name = { clientName: 'anna', session: 's1', epoch };
      await a.release({ ...name, session: 's2' });
      await a.release({ ...name, epoch: epoch - 1 });
      await b.release(name);
      expect(await a.holdersOf('anna')).toEqual(['a s1']);
      await a.release(name);
      expect(await a.holdersOf('anna')).toEqual([]);
      expect(await a.held()).toEqual([]);
      await a.release(name);
      const again = granted(await b.claim({ session: 's3' }));
      await a.release(name);
      expect(again).toBeGreaterThan(epoch);
      expect(await b.held()).toEqual(['anna s3']);
    });

    it('lists the names of one incarnation', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const [one = '', two = '', three = '', four = ''] = namesOf(a, 4);
      const epochs = new Map<string, number>();
      for (const clientName of [one, two, three]) {
        epochs.set(clientName, granted(await a.claim({ clientName, session: `of ${clientName}` })));
      }
      granted(await b.claim({ clientName: four }));
      granted(await b.claim({ clientName: two, policy: 'takeover' }));
      await a.release({ clientName: one, session: `of ${one}`, epoch: epochs.get(one) ?? 0 });
      const held = { clientName: three, session: `of ${three}`, epoch: epochs.get(three) };
      expect(await a.partition.held(a.incarnation)).toEqual([held]);
      expect(await a.partition.held(b.incarnation)).toHaveLength(2);
    });

    it('sweeps exactly the names of an incarnation that has lapsed', async () => {
      await using store = await open(short);
      const a = await gate(store, 'a');
      const [taken = '', ...names] = namesOf(a, 6);
      await a.retried({ clientName: taken });
      // On a busy machine the lease may end before all have their names.
      const others: string[] = [];
      for (const clientName of names) {
        if ((await a.claim({ clientName })).outcome === 'granted') others.push(clientName);
      }
      await a.lapsed();
      const b = await gate(store, 'b');
      granted(await b.retried({ clientName: taken, session: 's2' }));
      expect(await b.partition.sweep(a.incarnation)).toBe(others.length);
      expect(await b.partition.sweep(a.incarnation)).toBe(0);
      expect(await b.partition.held(a.incarnation)).toEqual([]);
      const known = (await b.partition.list()).map(({ incarnation }) => incarnation);
      expect(known).not.toContain(a.incarnation);
      expect(await b.held()).toEqual([`${taken} s2`]);
    });

    it('does not sweep a live incarnation', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      granted(await a.claim({ session: 's1' }));
      expect(await b.partition.sweep(a.incarnation)).toBe(0);
      expect(await b.holdersOf('anna')).toEqual(['a s1']);
      expect(await a.renew()).toMatchObject({ outcome: 'renewed' });
    });

    it('tells a gate that renews which incarnations have lapsed', async () => {
      await using store = await open(short);
      const a = await gate(store, 'a');
      await a.lapsed();
      const b = await gate(store, 'b');
      const expired = async () => {
        const renewal = await b.renew();
        if (renewal.outcome === 'lapsed') await b.rejoin();
        return renewal.outcome === 'renewed' ? renewal.expired : [];
      };
      await vi.waitFor(async () => expect(await expired()).toContain(a.incarnation), waiting);
      expect(await expired()).not.toContain(b.incarnation);
    });

    it('sweeps thousands of names', async () => {
      await using store = await open(20 * short);
      const a = await gate(store, 'a');
      const names = namesOf(a, 3_000).map((clientName, at) => ({
        ...{ clientName, session: `s${at}`, epoch: 9_000 - at, cap: 1 },
      }));
      expect(await a.reassert(...names)).toEqual({ outcome: 'reasserted', lost: [] });
      const b = await gate(store, 'b');
      await a.partition.leave(a.incarnation);
      expect(await b.partition.held(a.incarnation)).toEqual([]);
      expect((await b.partition.list()).map(({ node }) => node)).toEqual(['b']);
    });

    it('removes an incarnation that leaves, with its names', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      granted(await a.claim({ session: 's1' }));
      await a.partition.leave(a.incarnation);
      expect(await a.renew()).toEqual({ outcome: 'lapsed' });
      expect(await b.holdersOf('anna')).toEqual([]);
      expect((await b.partition.list()).map(({ node }) => node)).toEqual(['b']);
    });

    it('lists incarnations with their nodes, leases and numbers of names', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const [one = '', two = '', three = ''] = namesOf(a, 3);
      for (const clientName of [one, two, three]) await a.claim({ clientName });
      await b.claim({ clientName: two, policy: 'takeover' });
      const list = await b.partition.list();
      expect(list.toSorted((one, other) => one.node.localeCompare(other.node))).toEqual([
        { incarnation: a.incarnation, node: 'a', leaseRemaining: expect.any(Number), names: 2 },
        { incarnation: b.incarnation, node: 'b', leaseRemaining: expect.any(Number), names: 1 },
      ]);
      for (const { leaseRemaining } of list) {
        expect(leaseRemaining).toBeGreaterThan(0);
        expect(leaseRemaining).toBeLessThanOrEqual(long);
      }
    });

    it('lists an incarnation that has lapsed with no lease left', async () => {
      await using store = await open(short);
      const a = await gate(store, 'a');
      await a.retried({});
      await a.lapsed();
      const list = await a.partition.list();
      expect(list.filter(({ incarnation }) => incarnation === a.incarnation)).toMatchObject([
        { node: 'a', leaseRemaining: 0, names: 1 },
      ]);
    });

    it('keeps the settings of the first gate', async () => {
      await using store = await open(long);
      const [a, b] = [await store.connect(), await store.connect()];
      const first = { format: 1, lease: 6_000, partitions: 8 };
      expect(await a.agree(first)).toEqual(first);
      expect(await b.agree({ format: 2, lease: 7_000, partitions: 9 })).toEqual(first);
      expect(await a.agree(first)).toEqual(first);
    });

    it('sends texts to one node and to all', async () => {
      await using store = await open(long);
      const [a, b, c] = await gates(store, 'a', 'b', 'c');
      const odd = oddNames.filter((text) => !/\p{Surrogate}/u.test(text)).join('\n');
      await a.directory.send('b', 'one');
      await a.directory.send('b', odd);
      await a.directory.send('unknown', 'lost');
      await a.directory.send(null, 'all');
      for (const [one, texts] of [
        [a, ['all']],
        [b, ['one', odd, 'all']],
        [c, ['all']],
      ] as const) {
        // The nodes of a Redis Cluster may pass them on in another order.
        const sorted = [...texts].sort();
        await vi.waitFor(() => expect([...one.messages].sort()).toEqual(sorted), waiting);
      }
    });

    it('stops watching when another node is watched', async () => {
      await using store = await open(long);
      const [a, b] = await gates(store, 'a', 'b');
      const heard: string[] = [];
      await a.directory.watch('z', {
        ...{ kick: () => {}, gap: () => {} },
        message: (text) => heard.push(text),
      });
      await b.directory.send('a', 'old');
      await b.directory.send('z', 'new');
      await vi.waitFor(() => expect(heard).toEqual(['new']), waiting);
      expect(a.messages).toEqual([]);
    });

    it('grants a name once when many gates claim it at the same time', async () => {
      await using store = await open(long);
      const all = await gates(store, 'a', 'b', 'c', 'd');
      const claims = Array.from({ length: 100 }, (_, at) =>
        all[at % 4]?.claim({ session: `s${at}` }),
      );
      const outcomes = (await Promise.all(claims)).map((one) => one?.outcome);
      expect(outcomes.filter((outcome) => outcome === 'granted')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'held')).toHaveLength(99);
    });

    it('has one holder and a kick for each other when many gates take a name over', async () => {
      await using store = await open(long);
      const all = await gates(store, 'a', 'b', 'c', 'd');
      const claims = Array.from({ length: 100 }, (_, at) =>
        all[at % 4]?.claim({ session: `s${at}`, policy: 'takeover' }),
      );
      const outcomes = await Promise.all(claims);
      const last = outcomes
        .map((outcome, at) => ({ at, epoch: outcome ? granted(outcome) : 0 }))
        .reduce((one, other) => (one.epoch > other.epoch ? one : other));
      const [node = '', session] = [all[last.at % 4]?.node, `s${last.at}`];
      expect(await all[0]?.holdersOf('anna')).toEqual([`${node} ${session}`]);
      const replaced = outcomes.filter(
        (outcome) => outcome?.outcome === 'granted' && outcome.replaced,
      );
      expect(replaced).toHaveLength(99);
      const foreign = outcomes.filter(
        (outcome, at) =>
          outcome?.outcome === 'granted' &&
          outcome.replaced !== null &&
          outcome.replaced.node !== all[at % 4]?.node,
      );
      await vi.waitFor(() => {
        const kicks = all.flatMap((one) => one.kicks);
        expect(kicks).toHaveLength(foreign.length);
      }, waiting);
      expect(all.flatMap(({ gaps }) => gaps)).toEqual([]);
    });

    it('keeps every text that may be a name or a session, each apart', async () => {
      await using store = await open(long);
      const [a, b] = [await store.connect(), await store.connect()];
      const incarnations = new Map<DirectoryPartition, string>();
      for (const partition of a.partitions) incarnations.set(partition, await partition.join('a'));
      for (const clientName of oddNames) {
        const partition = a.partitionOf(clientName);
        const incarnation = incarnations.get(partition) ?? '';
        const claim = {
          incarnation,
          clientName,
          session: clientName,
          cap: 1,
          policy: 'reject',
        } as const;
        expect([clientName, await partition.claim(claim)]).toMatchObject([
          ...[clientName, { outcome: 'granted' }],
        ]);
      }
      const held: HeldName[] = [];
      for (const [partition, incarnation] of incarnations)
        held.push(...(await partition.held(incarnation)));
      expect(held.map(({ clientName }) => clientName).toSorted()).toEqual(oddNames.toSorted());
      expect(held.map(({ session }) => session).toSorted()).toEqual(oddNames.toSorted());
      for (const name of held) {
        const partition = b.partitionOf(name.clientName);
        expect(await partition.holders(name.clientName)).toMatchObject([name]);
        await a
          .partitionOf(name.clientName)
          .release(incarnations.get(a.partitionOf(name.clientName)) ?? '', name);
        expect(await partition.holders(name.clientName)).toEqual([]);
      }
    });

    it('kicks sessions whose name and id are odd texts', async () => {
      await using store = await open(long);
      const [a, b] = [await store.connect(), await store.connect()];
      const kicks: Kick[] = [];
      const handlers = { message: () => {}, gap: () => {} };
      await a.watch('a', { ...handlers, kick: (kick) => kicks.push(kick) });
      for (const clientName of oddNames) {
        const common = { clientName, cap: 1, policy: 'takeover', session: clientName } as const;
        for (const [directory, node] of [
          [a, 'a'],
          [b, 'b'],
        ] as const) {
          const partition = directory.partitionOf(clientName);
          await partition.claim({ ...common, incarnation: await partition.join(node) });
        }
      }
      await vi.waitFor(() => expect(kicks).toHaveLength(oddNames.length), waiting);
      const sorted = oddNames.toSorted();
      expect(kicks.map(({ clientName }) => clientName).toSorted()).toEqual(sorted);
      expect(kicks.map(({ session }) => session).toSorted()).toEqual(sorted);
    });
  });
}

const oddNames = [
  ...['', ' ', 'a', 'A', 'a ', ' a', 'two words', 'a\tb\nc\r\n', '\0', 'a\0b', '"', "'", '`', '\\'],
  ...[
    '}{',
    '{ixg:c:0}l',
    '{a}',
    '*',
    '?',
    '[a]',
    '%',
    '%41',
    '%20',
    'é',
    'e\u0301',
    'Ω',
    '日本語',
    '👩‍👩‍👧',
  ],
  ...[
    '\ud83d',
    '\ude00',
    'nil',
    'false',
    '0',
    '-1',
    '1e9',
    '__proto__',
    'constructor',
    '>',
    '.',
    '$',
  ],
  ...['x'.repeat(4_000), '€'.repeat(4_000)],
];

/** A gate with one incarnation in the partition of anna. */
class TestGate {
  readonly kicks: Kick[] = [];
  readonly messages: string[] = [];
  readonly gaps: DirectoryPartition[] = [];
  incarnation = '';
  #sessions = 0;

  constructor(
    readonly directory: Directory,
    readonly node: string,
  ) {}

  get partition(): DirectoryPartition {
    return this.directory.partitionOf('anna');
  }

  async open(): Promise<void> {
    await this.directory.watch(this.node, {
      kick: (kick) => this.kicks.push(kick),
      message: (text) => this.messages.push(text),
      gap: (partition) => this.gaps.push(partition),
    });
    await this.rejoin();
  }

  async rejoin(): Promise<void> {
    this.incarnation = await this.partition.join(this.node);
  }

  claim(claim: Partial<NameClaim>): Promise<ClaimOutcome> {
    const { incarnation } = this;
    this.#sessions += 1;
    const session = `${this.node}-${this.#sessions}`;
    const usual = { clientName: 'anna', session, cap: 1, policy: 'reject' } as const;
    return this.partition.claim({ ...usual, ...claim, incarnation });
  }

  /** Joins again where a busy machine let the lease end. */
  async retried(claim: Partial<NameClaim>): Promise<ClaimOutcome> {
    for (;;) {
      const outcome = await this.claim(claim);
      if (outcome.outcome !== 'lapsed') return outcome;
      await this.rejoin();
    }
  }

  renew() {
    return this.partition.renew(this.incarnation);
  }

  reassert(...names: readonly ReassertedName[]) {
    return this.partition.reassert(this.incarnation, names);
  }

  release(name: HeldName): Promise<void> {
    return this.partition.release(this.incarnation, name);
  }

  /** `name session` of each. */
  async held(): Promise<string[]> {
    const held = await this.partition.held(this.incarnation);
    return held.map(({ clientName, session }) => `${clientName} ${session}`);
  }

  /** `node session` of each. */
  async holdersOf(clientName: string): Promise<string[]> {
    const holders = await this.partition.holders(clientName);
    return holders.map(({ node, session }) => `${node} ${session}`);
  }

  /** Waits until the lease has ended. */
  async lapsed(): Promise<void> {
    await vi.waitFor(async () => {
      const list = await this.partition.list();
      const own = list.find(({ incarnation }) => incarnation === this.incarnation);
      expect(own?.leaseRemaining).toBe(0);
    }, waiting);
  }

  /** Sends a text and waits until it is heard: after all that was sent before. */
  async say(other: TestGate, text: string): Promise<void> {
    await this.directory.send(other.node, text);
    await vi.waitFor(() => expect(other.messages).toContain(text), waiting);
  }
}

async function gate(store: TestStore, node: string): Promise<TestGate> {
  const one = new TestGate(await store.connect(), node);
  await one.open();
  return one;
}

async function gates<Nodes extends readonly string[]>(
  store: TestStore,
  ...nodes: Nodes
): Promise<{ [Node in keyof Nodes]: TestGate }> {
  const all: TestGate[] = [];
  for (const node of nodes) all.push(await gate(store, node));
  return all as { [Node in keyof Nodes]: TestGate };
}

/** Names of the partition of a gate. */
function namesOf({ directory, partition }: TestGate, count: number): string[] {
  const names: string[] = [];
  for (let at = 0; names.length < count; at += 1) {
    const clientName = `agent-${at}`;
    if (directory.partitionOf(clientName).index === partition.index) names.push(clientName);
  }
  return names;
}

function granted(outcome: ClaimOutcome): number {
  expect(outcome).toMatchObject({ outcome: 'granted' });
  return outcome.outcome === 'granted' ? outcome.epoch : Number.NaN;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
