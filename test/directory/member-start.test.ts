import { describe, expect, it } from 'vitest';
import { checkedDirectoryName } from '../../adapters/directory/directory-names.js';
import { lease, SimulatedGate, World } from './simulated-gate.js';

const granted = { granted: true, epoch: expect.any(Number) };
const nodeInUse = { code: 'NODE_NAME_IN_USE' };

/** The outcome of a start: `joined`, or the code of its error; null while it lasts. */
function started(gate: SimulatedGate): { outcome: string | null } {
  const start: { outcome: string | null } = { outcome: null };
  gate.open().then(
    () => {
      start.outcome = 'joined';
    },
    (error: { code: string }) => {
      start.outcome = error.code;
    },
  );
  return start;
}

describe('A node name', () => {
  it('that a live gate has is refused; that gate goes on undisturbed', async () => {
    const world = new World();
    const a = await world.gate('a');
    await a.claim('s1', 'desk');
    const second = new SimulatedGate(world, 'a', {});
    const start = started(second);
    await world.pass(lease);
    expect(start.outcome).toBe('NODE_NAME_IN_USE');
    expect(second.countSent('join')).toBe(0);
    const b = await world.gate('b');
    await b.claim('s2', 'desk', { policy: 'takeover' });
    await world.pass();
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'replaced' }]);
  });

  it('that a killed gate had is free when its lease has ended', async () => {
    const world = new World();
    const a = await world.gate('a');
    await a.claim('s1', 'desk');
    await world.pass(1_000);
    a.kill();
    const next = new SimulatedGate(world, 'a', {});
    const start = started(next);
    await world.pass(lease - 1_001);
    expect(start.outcome).toBe(null);
    await world.pass(lease / 12);
    expect(start.outcome).toBe('joined');
    expect(await next.claim('s2', 'desk')).toEqual(granted);
  });

  it('is had by exactly one of two gates that start at once', async () => {
    for (const delays of [
      [0, 0],
      [10, 10],
      [10, 25],
      [25, 10],
      [10, 40],
    ]) {
      const world = new World();
      const starts = delays.map((delay) => {
        const gate = new SimulatedGate(world, 'a', {});
        gate.faults.delay = () => delay;
        return started(gate);
      });
      await world.pass(2 * lease);
      expect(starts.map(({ outcome }) => outcome).sort()).toEqual(['NODE_NAME_IN_USE', 'joined']);
      expect(world.store.held().length).toBe(1);
    }
  });

  it.each(['', 'a b', 'a/b', 'x'.repeat(65)])('may not be %j', async (name) => {
    await expect(new World().gate(name)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    expect(() => checkedDirectoryName('cluster', name)).toThrow();
  });
});

describe('A gate does not start', () => {
  it('where the cluster has another lease', async () => {
    const world = new World();
    await world.gate('a');
    const b = new SimulatedGate(world, 'b', {});
    Object.assign(b.directory, { lease: 9_000 });
    await expect(b.open()).rejects.toMatchObject({
      code: 'CLUSTER_SETTINGS',
      message: expect.stringContaining('lease (6000, here 9000)'),
    });
    expect(world.store.held().length).toBe(1);
  });

  it.each([
    [3_600_000, '1.0 h ahead of'],
    [-3_600_000, '1.0 h behind'],
  ])('where its clock is %i ms off', async (offset, words) => {
    const world = new World();
    const gate = new SimulatedGate(world, 'a', {});
    gate.clock.wallOffset = offset;
    await expect(gate.open()).rejects.toMatchObject({
      code: 'CLOCK_DIFFERS',
      message: expect.stringContaining(words),
    });
    expect(world.store.held()).toEqual([]);
  });

  it('where the store does not answer', async () => {
    const world = new World();
    const gate = new SimulatedGate(world, 'a', {});
    gate.cut();
    const start = started(gate);
    await world.pass(5_000);
    expect(start.outcome).toBe('DIRECTORY_UNREACHABLE');
  });

  it('and leaves nothing in the store where the start fails after the join', async () => {
    const world = new World();
    const gate = new SimulatedGate(world, 'a', {});
    gate.faults.losesAnswer = (operation) => operation === 'list' && gate.countSent('join') > 0;
    const start = started(gate);
    await world.pass(5_000);
    expect(start.outcome).toBe('DIRECTORY_UNREACHABLE');
    expect(world.store.held()).toEqual([]);
    await world.pass(3 * lease);
    expect(world.store.held()).toEqual([]);
  });

  it('with the name of a live gate, also where the lease has no end', async () => {
    const world = new World(Number.POSITIVE_INFINITY);
    await world.gate('a');
    await expect(world.gate('a')).rejects.toMatchObject(nodeInUse);
  });
});

describe('A gate whose lease has no end', () => {
  it('renews nothing, holds its names and is live', async () => {
    const world = new World(Number.POSITIVE_INFINITY);
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    await world.pass(3_600_000);
    expect(a.countSent('renew')).toBe(0);
    expect(a.member.state).toBe('live');
    expect(await b.claim('s2', 'desk')).toMatchObject({ error: 'name-in-use' });
  });

  it('finds a store that lost its names with the next claim, and reports it', async () => {
    const world = new World(Number.POSITIVE_INFINITY);
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    const changes: string[] = [];
    gate.member.onChange = (state) => changes.push(state);
    world.store.restartEmpty();
    await world.pass();
    expect(await gate.claim('s2', 'other')).toMatchObject({ error: 'server-busy' });
    await world.pass();
    expect(changes).toEqual(['lost', 'live']);
    expect(await world.holders('desk')).toEqual(['s1']);
  });
});
