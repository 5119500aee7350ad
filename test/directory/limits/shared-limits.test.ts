import { describe, expect, it } from 'vitest';
import { defaults } from '../../server/limits/door.js';
import { gates, lease, shared, World } from './simulated-gates.js';

const address = '203.0.113.7';
const wide = {
  maxConnections: 20_000,
  maxUnregistered: { from: 20_000, percent: 0, full: 20_000 },
  maxUnregisteredPerAddress: 20_000,
  maxUnregisteredPerPrefix: 20_000,
};

describe('gates that share limits', () => {
  it('count the unregistered connections of an address in all gates', async () => {
    const { world, all } = await gates(['a', 'b', 'c'], { maxUnregisteredPerAddress: 2 });
    const [a, b, c] = all;
    const [first, second] = [a.enter(address), b.enter(address)];
    // Until the gates have told each other, each knows only its own.
    expect(all.map((gate) => gate.refusal(address))).toEqual([null, null, null]);
    await world.pass(shared);
    expect(all.map((gate) => gate.refusal(address))).toEqual(Array(3).fill('per-address'));
    expect(c.refusal('203.0.113.8')).toBe(null);
    first.registered();
    await world.pass(shared);
    expect(c.refusal(address)).toBe(null);
    first.release();
    second.release();
    await world.pass(shared);
    expect(all.flatMap(({ limits }) => limits.others)).toEqual([]);
  });

  it('count the unregistered connections of a block, by the prefix lengths of each gate', async () => {
    const world = new World();
    const a = await world.gate('a');
    const b = await world.gate('b', { maxUnregisteredPerPrefix: 2 });
    for (const source of ['203.0.113.1', '203.0.113.2', '2001:db8:0:1::1', '2001:db8:0:2::1'])
      a.enter(source);
    await world.pass(shared);
    expect(b.refusal('203.0.113.3')).toBe('per-prefix');
    expect(b.refusal('203.0.114.3')).toBe(null);
    expect(b.refusal('2001:db8:0:3::1')).toBe('per-prefix');
    const limits = { ...defaults, maxUnregisteredPerPrefix: 2 };
    b.admission.limits = { ...limits, prefixLengths: { ipv4: 32, ipv6: 64 } };
    expect(b.refusal('203.0.113.3')).toBe(null);
    b.admission.limits = limits;
    expect(b.refusal('203.0.113.3')).toBe('per-prefix');
  });

  it('do not count addresses that are exempt at the gate that accepted them', async () => {
    const { world, all } = await gates(['a', 'b'], { maxUnregisteredPerPrefix: 1 });
    const [a, b] = all;
    a.admission.limits = { ...defaults, exempt: [address] };
    const slot = a.enter(address);
    await world.pass(shared);
    expect(b.limits.others).toEqual([]);
    a.admission.limits = defaults;
    slot.registered();
    await world.pass(shared);
    expect(b.limits.others).toMatchObject([{ source: address, unregistered: 0, registered: 1 }]);
  });

  it('leave the limits on all connections to each gate', async () => {
    const { world, all } = await gates(['a', 'b'], { maxConnections: 2 });
    const [a, b] = all;
    a.enterAll(address, 2);
    await world.pass(shared);
    expect([b.admission.open, b.admission.unregistered]).toEqual([0, 0]);
    expect(b.refusal('203.0.113.8')).toBe(null);
  });

  it('reject an address whose penalties add up over all gates', async () => {
    const { world, all } = await gates(['a', 'b', 'c']);
    const [a, b, c] = all;
    a.admission.addPenalty(address, 'protocol-error');
    b.admission.addPenalty(address, 'timeout');
    expect([a, b].map((gate) => gate.refusal(address))).toEqual([null, null]);
    await world.pass(shared);
    expect(all.map((gate) => gate.refusal(address))).toEqual(Array(3).fill('penalty'));
    expect(c.admission.penalties()).toMatchObject([{ source: address, isEnforced: true }]);
  });

  it('divide a penalty by the registered sessions of the address in all gates', async () => {
    const { world, all } = await gates(['a', 'b', 'c']);
    const [a, b, c] = all;
    for (const slot of [...a.enterAll(address, 4), ...b.enterAll(address, 5)]) slot.registered();
    await world.pass(shared);
    c.admission.addPenalty(address, 'timeout');
    expect(c.admission.penalties()).toMatchObject([{ remaining: 1_000 }]);
    await world.pass(shared);
    expect(a.admission.penalties()[0]?.remaining).toBeCloseTo(1_000, -2);
  });

  it('let a load balancer check each gate as often as one', async () => {
    const { world, all } = await gates(['a', 'b', 'c']);
    for (let second = 0; second < 60; second += 1) {
      for (const gate of all)
        for (let time = 0; time < 2; time += 1) gate.admission.addPenalty(address, 'probe');
      await world.pass(1_000);
    }
    expect(all.flatMap(({ admission }) => admission.penalties())).toEqual([]);
  });

  it('share the rates of an address, so that over time all gates together give as many tokens as one', async () => {
    const { world, all } = await gates(['a', 'b', 'c']);
    let registrations = 0;
    let errors = 0;
    for (let time = 0; time < 30_000; time += 50) {
      for (const { admission } of all) {
        for (let ask = 0; ask < 20; ask += 1) {
          if (admission.consumeRegistrationToken(address)) registrations += 1;
          if (admission.consumeErrorToken(address)) errors += 1;
        }
      }
      await world.pass(50);
    }
    // Within the first 100 ms each gate gives its burst of 100; a debt of one more burst is kept.
    expect(registrations).toBeGreaterThan(550);
    expect(registrations).toBeLessThanOrEqual(100 + 30 * 20 + 2 * 100 + 10);
    expect(errors).toBeLessThanOrEqual(100 + 30 * 10 + 2 * 100 + 10);
  });
});

describe('the messages of gates that share limits', () => {
  it('are one, and small, for a burst of 10,000 connections from one address', async () => {
    const { world, all } = await gates(['a', 'b'], wide);
    const [a, b] = all;
    for (const [index, slot] of a.enterAll(address, 10_000).entries()) {
      a.admission.consumeRegistrationToken(address);
      if (index % 2 === 0) slot.registered();
    }
    const sent = await world.sentWhile(shared);
    expect(sent.map(({ from, to, type }) => ({ from, to, type }))).toEqual([
      { from: 'a', to: null, type: 'limits' },
    ]);
    expect(sent[0]?.text.length).toBeLessThan(200);
    expect(b.limits.others).toMatchObject([{ unregistered: 5_000, registered: 5_000 }]);
  });

  it('do not grow with the addresses of an IPv6 network', async () => {
    const { world, all } = await gates(['a', 'b'], wide);
    for (let host = 1; host <= 1_000; host += 1) all[0].enter(`2001:db8::${host.toString(16)}`);
    const [message] = await world.sentWhile(shared);
    expect(message?.text.length).toBeLessThan(200);
  });

  it('stop while nothing changes, whatever is connected', async () => {
    const { world, all } = await gates(['a', 'b', 'c']);
    for (const slot of all.flatMap((gate) => gate.enterAll(address, 5))) slot.registered();
    all[0].admission.addPenalty(address, 'refused');
    await world.pass(shared);
    expect(await world.sentWhile(10 * lease)).toEqual([]);
    expect(all[2].limits.others).toMatchObject([{ registered: 10 }]);
  });

  it('leave out connections that came and went since the message before', async () => {
    const { world, all } = await gates(['a', 'b']);
    for (let time = 0; time < 100; time += 1) {
      const slot = all[0].enter(address);
      slot.registered();
      slot.release();
    }
    expect(await world.sentWhile(1_000)).toEqual([]);
  });

  it('come at most 10 times a second, and later from 20 gates on', async () => {
    const flood = async (size: number) => {
      const { world, all } = await gates(Array.from({ length: size }, (_, one) => `gate-${one}`));
      const before = world.sent.length;
      for (let time = 0; time < 1_000; time += 25) {
        all[0].enter(`20.0.0.${time / 25}`);
        await world.pass(25);
      }
      return world.sent.length - before;
    };
    expect(await flood(2)).toBe(10);
    expect(await flood(41)).toBe(5);
  });
});
