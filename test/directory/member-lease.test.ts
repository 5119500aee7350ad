import { describe, expect, it } from 'vitest';
import { lease, World } from './simulated-gate.js';

const granted = { granted: true, epoch: expect.any(Number) };
const inUse = { granted: false, error: 'name-in-use', retryAfter: null };
const busy = { granted: false, error: 'server-busy', retryAfter: 1_000 };

describe('A gate that renews its lease', () => {
  it('keeps its names, with a renewal every third of the lease', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    await world.pass(10 * lease);
    expect(await b.claim('s2', 'desk')).toEqual(inUse);
    expect(a.countSent('renew')).toBe(30);
    expect(a.ended).toEqual([]);
    expect(a.problems).toEqual([]);
  });

  it('is not delayed by names of a dead gate that take long to sweep', async () => {
    const world = new World();
    const [a, b, c] = await world.gates(['a', 'b', 'c']);
    await b.claim('s1', 'one');
    await c.claim('s2', 'two');
    b.kill();
    c.kill();
    a.faults.losesAnswer = (operation) => operation === 'sweep';
    const before = a.countSent('renew');
    await world.pass(10 * lease);
    expect(a.countSent('renew') - before).toBe(30);
    expect(a.member.state).toBe('live');
    expect(await world.holders('one')).toEqual([]);
  });

  it('is not delayed by an audit that the store does not answer', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    gate.loseAnswers('claim');
    void gate.claim('s2', 'other');
    await world.pass(1_000);
    gate.faults.losesAnswer = (operation) => operation === 'held';
    const before = gate.countSent('renew');
    await world.pass(10 * lease);
    expect(gate.countSent('held')).toBeGreaterThan(20);
    expect(gate.countSent('renew') - before).toBeGreaterThanOrEqual(30);
    expect(gate.member.state).toBe('live');
    expect(gate.ended).toEqual([]);
  });

  it('bears the loss of a renewal: it renews again at once', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    gate.loseRequests('renew');
    await world.pass(3 * lease);
    expect(gate.ended).toEqual([]);
    expect(gate.problems).toEqual(['DIRECTORY_UNREACHABLE']);
    expect(gate.member.state).toBe('live');
  });
});

describe('A gate that is cut off from the store', () => {
  it('stops granting and ends its sessions before the store gives their names away', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    await world.pass(1_000);
    const changes: string[] = [];
    a.member.onChange = (state) => changes.push(state);
    a.cut();
    const leaseEnd = world.time.now - 1_000 + lease;
    await world.pass(leaseEnd - world.time.now - 1);
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'directory-lost' }]);
    expect(a.ended[0]?.at).toBeLessThan(leaseEnd);
    expect(await b.claim('s2', 'desk')).toMatchObject({ error: 'server-busy' });
    expect(await a.claim('s3', 'free')).toEqual(busy);
    expect(a.member.state).toBe('lost');
    expect(changes).toEqual(['lost']);
    await world.pass(1);
    expect(await b.claim('s4', 'desk')).toEqual(granted);
    a.heal();
    await world.pass(lease);
    expect(changes).toEqual(['lost', 'live']);
    expect(await a.claim('s5', 'free')).toEqual(granted);
    expect(await a.claim('s6', 'desk')).toEqual(inUse);
  });

  it('counts its lease from when the renewal was sent, not from when the answer came', async () => {
    const world = new World();
    const gate = await world.gate('a');
    const start = world.time.now;
    await gate.claim('s1', 'desk');
    const delays = [0, 900];
    gate.faults.delay = () => delays.shift() ?? 0;
    await world.pass(2_000);
    await world.pass(901);
    gate.cut();
    // The renewal was sent 2 s after the join.
    await world.pass(lease);
    expect((gate.ended[0]?.at ?? 0) - start).toBe(2_000 + lease * 0.9);
  });

  it('keeps its sessions with keep, and has their names again where no other gate took them', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b'], { onLoss: 'keep' });
    await a.claim('s1', 'one');
    await a.claim('s2', 'two');
    const epoch = a.epochOf('s2');
    a.cut();
    await world.pass(2 * lease);
    expect(a.ended).toEqual([]);
    expect(await a.claim('s3', 'three')).toEqual(busy);
    expect(await b.claim('s4', 'one')).toEqual(granted);
    a.heal();
    await world.pass(lease);
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'replaced' }]);
    expect(a.epochOf('s2')).toBe(epoch);
    expect(await b.claim('s5', 'two')).toEqual(inUse);
    expect(await world.holders('one')).toEqual(['s4']);
  });

  it('writes its names again before it grants any', async () => {
    const world = new World();
    const gate = await world.gate('a', { onLoss: 'keep' });
    for (let index = 0; index < 1_200; index += 1) await gate.claim(`s${index}`, `desk-${index}`);
    gate.cut();
    await world.pass(2 * lease);
    gate.heal();
    gate.faults.delay = () => 50;
    await world.pass(lease / 12);
    const claim = gate.claim('new', 'free');
    await world.pass(lease);
    expect(await claim).toEqual(granted);
    const operations = gate.directory.sent.map(({ operation }) => operation);
    const join = operations.lastIndexOf('join');
    expect(operations.slice(join)).toEqual(
      expect.arrayContaining(['join', 'reassert', 'reassert', 'reassert', 'claim']),
    );
    expect(operations.lastIndexOf('reassert')).toBeLessThan(operations.lastIndexOf('claim'));
    expect(gate.sessions.size).toBe(1_201);
  });

  it('gives back names of sessions that ended, and ends sessions whose name was taken, while it writes', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b'], { onLoss: 'keep' });
    a.directory.findsLosses = false;
    for (let index = 0; index < 1_200; index += 1) await a.claim(`s${index}`, `desk-${index}`);
    a.cut();
    await world.pass(2 * lease);
    a.heal();
    a.faults.delay = () => 100;
    const written = a.countSent('reassert');
    while (a.countSent('reassert') < written + 2) await world.pass(10);
    // The names with the highest epochs are in the store by now.
    expect(await world.holders('desk-1199')).toEqual(['s1199']);
    a.release('s1199');
    a.release('s0');
    await b.claim('s', 'desk-1198', { policy: 'takeover' });
    await world.pass(lease);
    expect(a.ended).toMatchObject([{ session: 's1198', reason: 'replaced' }]);
    for (const free of ['desk-1199', 'desk-0']) expect(await world.holders(free)).toEqual([]);
    expect(await world.holders('desk-1198')).toEqual(['s']);
    expect(a.member.names).toBe(1_197);
  });

  it('renews its lease while it writes more names than fit into a lease', async () => {
    const world = new World();
    const gate = await world.gate('a', { onLoss: 'keep' });
    for (let index = 0; index < 5_000; index += 1) await gate.claim(`s${index}`, `desk-${index}`);
    gate.cut();
    await world.pass(2 * lease);
    gate.heal();
    gate.faults.delay = () => 400;
    await world.pass(3 * lease);
    expect(gate.member.state).toBe('live');
    expect(gate.countSent('join')).toBe(2);
  });

  it('has the names of its lost sessions again though the answer to the join was lost', async () => {
    const world = new World();
    const gate = await world.gate('a', { onLoss: 'keep' });
    for (const session of ['s1', 's2']) await gate.claim(session, 'desk', { cap: 2 });
    gate.cut();
    await world.pass(2 * lease);
    gate.heal();
    gate.loseAnswers('reassert');
    await world.pass(lease);
    expect(gate.ended).toEqual([]);
    expect(await world.holders('desk')).toEqual(['s1', 's2']);
    const { names } = (await gate.member.nodes())[0] ?? {};
    expect(names).toBe(2);
  });
});

describe('Two gates that were cut off and kept their sessions', () => {
  it('leave the higher epoch with the name, whichever comes back first', async () => {
    for (const first of ['older', 'newer'] as const) {
      const world = new World();
      const [a, b] = await world.gates(['a', 'b'], { onLoss: 'keep' });
      await a.claim('older', 'desk');
      a.cut();
      await world.pass(2 * lease);
      expect(await b.claim('newer', 'desk')).toEqual(granted);
      b.cut();
      await world.pass(2 * lease);
      const [back, later] = first === 'older' ? [a, b] : [b, a];
      back.heal();
      await world.pass(lease);
      expect(await world.holders('desk')).toEqual([first]);
      later.heal();
      await world.pass(lease);
      expect(await world.holders('desk')).toEqual(['newer']);
      expect(a.ended).toMatchObject([{ session: 'older', reason: 'replaced' }]);
      expect(b.ended).toEqual([]);
    }
  });
});

describe('A process that is paused for longer than its lease', () => {
  it('does not take a late answer for a grant, and leaves no name behind', async () => {
    for (const order of ['answer first', 'timers first']) {
      const world = new World();
      const [a, b] = await world.gates(['a', 'b']);
      const claim = a.claim('s1', 'desk');
      const old = await a.claim('s0', 'other');
      expect(old).toEqual(granted);
      await claim;
      a.release('s1');
      a.faults.delay = () => 10;
      const late = a.claim('s2', 'desk');
      await world.pass(5);
      a.clock.pause();
      await world.pass(2 * lease);
      expect(await b.claim('s3', 'desk')).toEqual(granted);
      expect(await b.claim('s4', 'other')).toEqual(granted);
      await a.clock.resume((held) => (order === 'answer first' ? held : held.reverse()));
      await world.pass();
      expect(await late).toEqual(busy);
      expect(a.ended).toMatchObject([{ session: 's0', reason: 'directory-lost' }]);
      await world.pass(lease);
      expect(await world.holders('desk')).toEqual(['s3']);
      expect(a.member.names).toBe(0);
      expect(a.member.state).toBe('live');
    }
  });

  it('gives a late grant back where the store still has it', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    a.faults.delay = () => 10;
    const late = a.claim('s1', 'desk');
    await world.pass(5);
    a.clock.pause();
    // The gate may not be sure of its lease any more; in the store it lives a little longer.
    await world.pass(lease * 0.95);
    await a.clock.resume();
    await world.pass(500);
    expect(await late).toEqual(busy);
    expect(await b.claim('s2', 'desk')).toEqual(granted);
  });
});

describe('A wall clock that jumps', () => {
  it('stops grants until the next renewal, which begins at once; sessions stay', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    for (const offset of [3_600_000, -3_600_000]) {
      gate.clock.wallOffset = offset;
      await gate.claim('s2', 'other');
      await world.pass();
      expect(await gate.claim('s3', `free ${offset}`)).toEqual(granted);
    }
    await world.pass(lease);
    expect(gate.ended).toEqual([]);
    expect(await world.holders('desk')).toEqual(['s1']);
  });

  it('of the store, forward: the gate joins again and keeps its sessions', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    world.store.clockOffset = 3_600_000;
    await world.pass(lease);
    expect(a.ended).toEqual([]);
    expect(await b.claim('s2', 'desk')).toEqual(inUse);
  });

  it('of the store, back: a dead gate is free a lease later all the same', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    const before = a.epochOf('s1') ?? 0;
    world.store.clockOffset = -3_600_000;
    a.kill();
    await world.pass(lease + lease / 3);
    expect(await b.claim('s2', 'desk')).toEqual(granted);
    expect(b.epochOf('s2')).toBeGreaterThan(before);
  });
});

describe('A lease that has ended', () => {
  it('does not live again when the clock of the store is set back', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.clock.pause();
    b.loseRequests('sweep', Number.POSITIVE_INFINITY);
    await world.pass(lease + 10);
    expect(await b.claim('s2', 'desk')).toEqual(granted);
    world.store.clockOffset = -3_000;
    await a.clock.resume();
    await world.pass();
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'directory-lost' }]);
    expect(await world.holders('desk')).toEqual(['s2']);
  });
});

describe('A store that was restarted without its names', () => {
  it('gets them again; sessions stay, and no other gate is granted them afterwards', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'one');
    await b.claim('s2', 'two');
    await world.pass(1_000);
    world.store.restartEmpty();
    await world.nextRenewal();
    expect(await world.holders('one')).toEqual(['s1']);
    expect(await b.claim('s3', 'one')).toEqual(inUse);
    expect(await a.claim('s4', 'two')).toEqual(inUse);
    await world.pass(5 * lease);
    expect([...a.ended, ...b.ended]).toEqual([]);
    expect([a.member.state, b.member.state]).toEqual(['live', 'live']);
  });

  it('is found by a claim, too', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    world.store.restartEmpty();
    await world.pass();
    expect(await gate.claim('s2', 'other')).toEqual(busy);
    await world.pass();
    expect(await world.holders('desk')).toEqual(['s1']);
    expect(await gate.claim('s3', 'other')).toEqual(granted);
  });

  it('ends the sessions of a gate that cannot join before its lease would have ended', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    world.store.restartEmpty();
    gate.loseRequests('join', Number.POSITIVE_INFINITY);
    const start = world.time.now;
    await world.pass(lease * 0.9 - 1);
    expect(gate.ended).toEqual([]);
    await world.pass(lease);
    expect(gate.ended).toMatchObject([{ session: 's1', reason: 'directory-lost' }]);
    expect((gate.ended[0]?.at ?? 0) - start).toBeLessThanOrEqual(lease * 0.9);
  });
});

describe('The names of a dead gate', () => {
  it('are free when its lease has ended, and removed at the next renewal of another gate', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'one');
    await a.claim('s2', 'two');
    a.kill();
    await world.pass(lease);
    expect(await b.claim('s3', 'one')).toEqual(granted);
    await world.pass(lease / 3);
    expect(world.store.held().map(({ node }) => node)).toEqual(['b']);
    expect(await world.holders('two')).toEqual([]);
  });
});

describe('A gate that is closed', () => {
  it('gives its names back at once', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    await a.member.close();
    expect(await b.claim('s2', 'desk')).toEqual(granted);
    expect(world.store.held().map(({ node }) => node)).toEqual(['b']);
    expect(a.problems).toEqual([]);
  });

  it('does not report problems of its close', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    gate.cut();
    const close = gate.member.close();
    await world.pass(5_000);
    await close;
    expect(gate.problems).toEqual([]);
  });

  it('leaves nothing in the store, also when it is closed while it joins, claims and releases', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b'], { onLoss: 'keep' });
    await a.claim('s1', 'desk');
    a.cut();
    await world.pass(2 * lease);
    a.heal();
    a.faults.delay = () => 200;
    await world.pass(lease / 12 + 300);
    void a.claim('s2', 'other');
    a.release('s1');
    const close = a.member.close();
    await world.pass(3_000);
    await close;
    expect(world.store.held().map(({ node }) => node)).toEqual(['b']);
    await world.pass(3 * lease);
    expect(world.store.held().map(({ node }) => node)).toEqual(['b']);
    expect(await b.claim('s3', 'desk')).toEqual(granted);
  });
});
