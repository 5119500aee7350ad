import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectionSlot } from '../../../adapters/server/limits/index.js';
import { gates, lease, type SimulatedGate, shared, World } from './simulated-gates.js';

const address = '203.0.113.7';
/** Milliseconds after which a silent gate with unregistered connections is not counted, and some. */
const silent = 7_000;

const countedBy = (gate: SimulatedGate) =>
  gate.limits.others.map(({ source, unregistered, registered }) => [
    source,
    unregistered,
    registered,
  ]);

describe('gates that share limits', () => {
  it('tell a gate that joins what they count, and their penalties', async () => {
    const { world, all } = await gates(['a', 'b']);
    const [a, b] = all;
    a.enterAll(address, 2);
    b.enter(address).registered();
    for (let time = 0; time < 3; time += 1) a.admission.addPenalty(address, 'timeout');
    await world.pass(shared);
    const c = await world.gate('c');
    expect(countedBy(c)).toEqual([[address, 2, 1]]);
    expect(c.refusal(address)).toBe('penalty');
    expect(c.admission.penalties()).toMatchObject([{ source: address, isEnforced: true }]);
    // The others know what it counts as well.
    c.enter('203.0.113.8');
    await world.pass(shared);
    expect(countedBy(a)).toContainEqual(['203.0.113.8', 1, 0]);
  });

  it('tell a gate that joins more than one message can have', async () => {
    const { world, all } = await gates(['a', 'b']);
    for (let index = 0; index < 2_100; index += 1) {
      const slot = all[0].enter(`20.${index >> 8}.${index & 255}.1`);
      slot.registered();
    }
    await world.pass(shared);
    const c = await world.gate('c');
    await world.pass(shared);
    expect([all[1], c].map((gate) => gate.limits.others.length)).toEqual([2_100, 2_100]);
    const texts = world.sent.map(({ text }) => text.length);
    expect(Math.max(...texts)).toBeLessThan(120_000);
  });

  it('tell a gate that joins nothing that is over before the next message', async () => {
    const world = new World();
    const a = await world.gate('a');
    const slot = a.enter(address);
    const b = await world.gate('b');
    expect(countedBy(b)).toEqual([[address, 1, 0]]);
    slot.release();
    await world.pass(shared);
    expect(countedBy(b)).toEqual([]);
  });

  it('do not count a gate that has closed', async () => {
    const { world, all } = await gates(['a', 'b']);
    const [a, b] = all;
    a.enterAll(address, 2);
    await world.pass(shared);
    expect(countedBy(b)).toEqual([[address, 2, 0]]);
    await a.close();
    expect(countedBy(b)).toEqual([]);
    expect(b.admission.open).toBe(0);
  });

  it('do not count a gate whose lease has ended', async () => {
    const { world, all } = await gates(['a', 'b']);
    const [a, b] = all;
    a.enter(address).registered();
    await world.pass(shared);
    a.stop();
    await world.pass(lease - 1_000);
    expect(countedBy(b)).toEqual([[address, 0, 1]]);
    await world.pass(lease + 3_000);
    expect(countedBy(b)).toEqual([]);
    b.admission.addPenalty(address, 'timeout');
    expect(b.admission.penalties()).toMatchObject([{ remaining: 10_000 }]);
  });

  it('do not count a gate that has unregistered connections and is silent for 5 seconds', async () => {
    const { world, all } = await gates(['a', 'b'], { maxUnregisteredPerAddress: 2 });
    const [a, b] = all;
    a.enterAll(address, 2);
    // A gate with unregistered clients sends a message every 2 seconds.
    const sent = await world.sentWhile(60_000);
    expect(new Set(sent.map(({ type }) => type))).toEqual(new Set(['limits']));
    expect(sent.length).toBeLessThanOrEqual(31);
    expect(b.refusal(address)).toBe('per-address');
    a.stop();
    await world.pass(silent);
    expect(b.refusal(address)).toBe(null);
  });

  it('count a gate again that was stopped for longer than its lease', async () => {
    const { world, all } = await gates(['a', 'b']);
    const [a, b] = all;
    const [first] = a.enterAll(address, 3);
    await world.pass(shared);
    a.stop();
    await world.pass(3 * lease);
    expect(countedBy(b)).toEqual([]);
    b.enter('203.0.113.8');
    a.resume();
    first?.release();
    await world.pass(lease);
    expect([countedBy(a), countedBy(b)]).toEqual([[['203.0.113.8', 1, 0]], [[address, 2, 0]]]);
  });

  it('count a restarted gate from zero', async () => {
    const { world, all } = await gates(['a', 'b']);
    const [a, b] = all;
    a.enterAll(address, 3);
    await world.pass(shared);
    // Its last message is lost.
    b.directory.deaf = true;
    await a.close();
    b.directory.deaf = false;
    const again = await world.gate('a');
    expect(countedBy(b)).toEqual([]);
    again.enter(address);
    await world.pass(shared);
    expect(countedBy(b)).toEqual([[address, 1, 0]]);
  });

  it('ask for everything when a message was lost', async () => {
    const { world, all } = await gates(['a', 'b']);
    const [a, b] = all;
    await world.pass(3_000);
    b.directory.deaf = true;
    a.enterAll(address, 2);
    for (let time = 0; time < 2; time += 1) a.admission.addPenalty(address, 'timeout');
    await world.pass(shared);
    b.directory.deaf = false;
    expect(countedBy(b)).toEqual([]);
    a.enter('203.0.113.8');
    const sent = await world.sentWhile(2 * shared);
    expect(sent.map(({ type }) => type)).toEqual([
      'limits',
      'limits-ask',
      'limits-all',
      'limits-penalties',
    ]);
    expect(countedBy(b).sort()).toEqual([
      [address, 2, 0],
      ['203.0.113.8', 1, 0],
    ]);
    expect(b.refusal(address)).toBe('penalty');
  });

  it('find out that the last message of a gate was lost', async () => {
    const { world, all } = await gates(['a', 'b'], { maxUnregisteredPerAddress: 2 });
    const [a, b] = all;
    const slots = a.enterAll(address, 2);
    await world.pass(shared);
    expect(b.refusal(address)).toBe('per-address');
    b.directory.deaf = true;
    for (const slot of slots) slot.release();
    await world.pass(shared);
    b.directory.deaf = false;
    await world.pass(silent);
    expect(b.refusal(address)).toBe(null);
    expect(countedBy(b)).toEqual([]);
  });

  it('limit by what they know themselves while they have lost the store, and agree when it is back', async () => {
    const { world, all } = await gates(['a', 'b', 'c'], { maxUnregisteredPerAddress: 2 });
    const [a, b, c] = all;
    c.enter('203.0.113.8').registered();
    a.enterAll(address, 2);
    await world.pass(shared);
    b.directory.unreachable = true;
    await world.pass(lease + 1_000);
    expect([b.refusal(address), c.refusal(address)]).toEqual([null, 'per-address']);
    expect(countedBy(b)).toEqual([]);
    b.enterAll(address, 2);
    expect(b.refusal(address)).toBe('per-address');
    b.directory.unreachable = false;
    await world.pass(lease);
    const registered = ['203.0.113.8', 0, 1];
    expect(all.map((gate) => countedBy(gate).sort())).toEqual([
      [[address, 2, 0], registered],
      [[address, 2, 0], registered],
      [[address, 4, 0]],
    ]);
  });

  it('agree at rest, whatever was lost, stopped, restarted or unreachable before', {
    timeout: 60_000,
  }, async () => {
    const source = fc.constantFrom('20.0.0.1', '20.0.0.2', '20.0.1.1');
    const node = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ what: fc.constant('enter' as const), node, source }) },
      {
        weight: 6,
        arbitrary: fc.record({
          what: fc.constantFrom('register' as const, 'release' as const),
          node,
          pick: fc.nat(100),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          what: fc.constantFrom('deaf' as const, 'unreachable' as const, 'stop' as const),
          node,
        }),
      },
      { weight: 3, arbitrary: fc.record({ what: fc.constant('heal' as const), node }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('restart' as const), node }) },
      {
        weight: 6,
        arbitrary: fc.record({
          what: fc.constant('pass' as const),
          ms: fc.constantFrom(10, 60, 110, 1_100, 4_000, 9_000),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World();
        const slots = new Map<string, ConnectionSlot[]>();
        const byNode = new Map<string, SimulatedGate>();
        for (const name of ['a', 'b', 'c']) byNode.set(name, await world.gate(name));
        const heal = (gate: SimulatedGate) => {
          gate.resume();
          gate.directory.unreachable = false;
        };
        for (const one of steps) {
          if (one.what === 'pass') {
            await world.pass(one.ms);
            continue;
          }
          const gate = byNode.get(one.node) as SimulatedGate;
          const own = slots.get(one.node) ?? [];
          slots.set(one.node, own);
          if (one.what === 'enter') own.push(gate.enter(one.source));
          else if (one.what === 'register') own[one.pick % own.length]?.registered();
          else if (one.what === 'release')
            own.splice(one.pick % Math.max(1, own.length), 1)[0]?.release();
          else if (one.what === 'deaf') gate.directory.deaf = true;
          else if (one.what === 'unreachable') gate.directory.unreachable = true;
          else if (one.what === 'stop') gate.stop();
          else if (one.what === 'heal') heal(gate);
          else {
            heal(gate);
            await gate.close();
            slots.set(one.node, []);
            byNode.set(one.node, await world.gate(one.node));
          }
        }
        for (const gate of byNode.values()) heal(gate);
        // Every gate says something once more, as any gate does that has clients.
        await world.pass(3 * lease);
        for (const gate of byNode.values()) gate.enter('20.9.9.9');
        await world.pass(lease);
        for (const [name, gate] of byNode) {
          const others = [...byNode].filter(([other]) => other !== name);
          const own = (one: SimulatedGate) => [one.admission.open, one.admission.unregistered];
          const expected = others.map(([, one]) => own(one));
          const sum = (index: number) => expected.reduce((all, one) => all + (one[index] ?? 0), 0);
          const counted = gate.limits.others;
          const unregistered = counted.reduce((all, one) => all + one.unregistered, 0);
          const registered = counted.reduce((all, one) => all + one.registered, 0);
          expect([name, unregistered + registered, unregistered]).toEqual([name, sum(0), sum(1)]);
        }
      }),
      { numRuns: 15 },
    );
  });
});
