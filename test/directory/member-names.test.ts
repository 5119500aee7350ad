import { describe, expect, it } from 'vitest';
import { World } from './simulated-gate.js';

const granted = { granted: true, epoch: expect.any(Number) };
const inUse = { granted: false, error: 'name-in-use', retryAfter: null };
const busy = { granted: false, error: 'server-busy', retryAfter: 1_000 };
const takeover = { policy: 'takeover' } as const;

describe('A name', () => {
  it('has one owner in all gates, until its session is over', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    expect(await a.claim('s1', 'desk')).toEqual(granted);
    expect(await a.claim('s2', 'desk')).toEqual(inUse);
    expect(await b.claim('s3', 'desk')).toEqual(inUse);
    expect(await b.claim('s4', 'other')).toEqual(granted);
    a.release('s1');
    expect(await b.claim('s5', 'desk')).toEqual(granted);
    expect(await world.holders('desk')).toEqual(['s5']);
  });

  it('has as many owners as its cap allows, over all gates', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    expect(await a.claim('s1', 'desk', { cap: 2 })).toEqual(granted);
    expect(await b.claim('s2', 'desk', { cap: 2 })).toEqual(granted);
    expect(await a.claim('s3', 'desk', { cap: 2 })).toEqual(inUse);
  });

  it('has a higher epoch with every grant', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    const epochs: number[] = [];
    for (const [index, gate] of [a, b, a, b].entries()) {
      await gate.claim(`s${index}`, 'desk');
      epochs.push(gate.epochOf(`s${index}`) ?? 0);
      gate.release(`s${index}`);
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((one, other) => one - other));
  });

  it('is counted by its gate and shown with the live gates', async () => {
    const world = new World();
    const [a, b] = await world.gates(['b', 'a']);
    await a.claim('s1', 'desk');
    await a.claim('s2', 'other');
    expect([a.member.names, b.member.names]).toEqual([2, 0]);
    await world.pass(1_000);
    const leaseRemaining = 5_000;
    expect(await b.member.nodes()).toEqual([
      { node: 'a', leaseRemaining, names: 0 },
      { node: 'b', leaseRemaining, names: 2 },
    ]);
  });
});

describe('A takeover', () => {
  it('gives the name to a session of another gate, and ends the old session there', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    const before = a.epochOf('s1') ?? 0;
    expect(await b.claim('s2', 'desk', takeover)).toEqual(granted);
    await world.pass();
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'replaced' }]);
    expect(b.epochOf('s2')).toBeGreaterThan(before);
    expect(a.member.names).toBe(0);
  });

  it('ends the old session of the same gate before the new one is granted', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    const order: string[] = [];
    const claim = gate.claim('s2', 'desk', takeover).then(() => {
      order.push(...gate.ended.map(({ session }) => session), 'granted');
    });
    await claim;
    expect(order).toEqual(['s1', 'granted']);
  });

  it('ends only the session and grant that it names', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.faults.delay = () => 300;
    const taken = b.claim('s2', 'desk', takeover);
    // The session leaves, and takes the name again from the other gate, before the kick is heard.
    await taken;
    a.release('s1');
    b.release('s2');
    const again = a.claim('s1', 'desk');
    await world.pass(1_000);
    expect(await again).toEqual(granted);
    expect(a.ended).toEqual([]);
    expect(await world.holders('desk')).toEqual(['s1']);
  });

  it('is heard also where the kick comes before the answer to the claim', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    const delays = [0, 800, 0];
    a.faults.delay = () => delays.shift() ?? 0;
    const first = a.claim('s1', 'desk');
    await world.pass(100);
    expect(await b.claim('s2', 'desk', takeover)).toEqual(granted);
    await world.pass(1_000);
    expect(await first).toEqual(busy);
    expect(a.member.names).toBe(0);
    expect(await world.holders('desk')).toEqual(['s2']);
  });

  it('is found by an audit where the kick was lost', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.faults.losesKick = () => true;
    await b.claim('s2', 'desk', takeover);
    await world.pass();
    expect(a.ended).toEqual([]);
    await world.nextRenewal();
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'replaced' }]);
    expect(await world.holders('desk')).toEqual(['s2']);
  });
});

describe('A claim of which the outcome is unknown', () => {
  it('is refused as busy; an audit gives back what it took, and the name can be claimed', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    a.directory.findsLosses = false;
    a.loseAnswers('claim');
    const claim = a.claim('s1', 'desk');
    await world.pass(1_000);
    expect(await claim).toEqual(busy);
    expect(a.problems).toEqual(['DIRECTORY_UNREACHABLE']);
    expect(await world.holders('desk')).toEqual(['s1']);
    await world.nextRenewal();
    expect(await world.holders('desk')).toEqual([]);
    expect(await b.claim('s2', 'desk')).toEqual(granted);
  });

  it('is not sent again', async () => {
    const world = new World();
    const gate = await world.gate('a');
    gate.loseRequests('claim');
    const claim = gate.claim('s1', 'desk');
    await world.pass(2_000);
    expect(await claim).toEqual(busy);
    expect(gate.countSent('claim')).toBe(1);
  });

  it('does not keep the name from the same client: its gate gives it back at once', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await world.pass(100);
    gate.loseAnswers('claim');
    const claim = gate.claim('s1', 'desk');
    await world.pass(1_000);
    expect(await claim).toEqual(busy);
    expect(await gate.claim('s1', 'desk')).toEqual(busy);
    await world.pass();
    expect(await gate.claim('s1', 'desk')).toEqual(granted);
    expect(await world.holders('desk')).toEqual(['s1']);
  });

  it('gives the name back also when it takes effect after the audit', async () => {
    const world = new World();
    const gate = await world.gate('a');
    const delays = [2_500];
    gate.faults.delay = () => delays.shift() ?? 0;
    const claim = gate.claim('s1', 'desk');
    await world.pass(2_400);
    expect(await claim).toEqual(busy);
    expect(await world.holders('desk')).toEqual([]);
    await world.pass(100);
    expect(await world.holders('desk')).toEqual(['s1']);
    await world.nextRenewal();
    expect(await world.holders('desk')).toEqual([]);
  });

  it('is given back while another claim of the same session waits for its answer', async () => {
    const world = new World();
    const gate = await world.gate('a');
    gate.loseAnswers('claim');
    const lost = gate.claim('s1', 'desk');
    await world.pass(1_000);
    expect(await lost).toEqual(busy);
    await world.pass(950);
    // Of the second claim, whose answer comes after the audit.
    const delays = [0, 500];
    gate.faults.delay = () => delays.shift() ?? 0;
    const second = gate.claim('s1', 'other');
    await world.pass(600);
    expect(await second).toEqual(granted);
    await world.pass();
    expect(await world.holders('desk')).toEqual([]);
    expect(await world.holders('other')).toEqual(['s1']);
  });
});

describe('An audit', () => {
  it('gives back a name whose release was lost', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    a.directory.findsLosses = false;
    await a.claim('s1', 'desk');
    a.loseRequests('release');
    a.release('s1');
    await world.pass(1_000);
    expect(await b.claim('s2', 'desk')).toEqual(inUse);
    await world.nextRenewal();
    expect(await b.claim('s3', 'desk')).toEqual(granted);
  });

  it('writes names again that the store has lost, though it had acknowledged them', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    const copy = world.store.size;
    await a.claim('s2', 'other');
    const epoch = a.epochOf('s2');
    world.store.restore(copy);
    await world.pass();
    expect(await world.holders('other')).toEqual([]);
    await world.nextRenewal();
    expect(await b.claim('s3', 'other')).toEqual(inUse);
    expect(a.epochOf('s2')).toBe(epoch);
    expect([...a.sessions.keys()]).toEqual(['s1', 's2']);
  });

  it('leaves the higher epoch where the store has given a lost name to another session', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    const copy = world.store.size;
    await a.claim('s1', 'desk');
    world.store.restore(copy);
    await world.pass(10);
    expect(await b.claim('s2', 'desk')).toEqual(granted);
    await world.nextRenewal();
    await world.pass();
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'replaced' }]);
    expect(b.ended).toEqual([]);
    expect(await world.holders('desk')).toEqual(['s2']);
  });

  it('leaves a name alone that is granted while it runs', async () => {
    const world = new World();
    const gate = await world.gate('a');
    gate.loseAnswers('claim');
    const lost = gate.claim('s0', 'other');
    await world.pass(1_000);
    expect(await lost).toEqual(busy);
    // The answers take so long that claims begin and end within the audit.
    gate.faults.delay = () => 100;
    for (let step = 0; step < 40; step += 1) {
      void gate.claim(`s${step + 1}`, `desk-${step}`);
      await world.pass(50);
    }
    await world.pass(1_000);
    expect(gate.sessions.size).toBe(40);
    expect(await world.holders('other')).toEqual([]);
    for (const [session, clientName] of gate.sessions) {
      expect(await world.holders(clientName)).toEqual([session]);
    }
  });
});

describe('A name whose holders live on a gate that has missed renewals', () => {
  it('is refused as busy, with the time until its lease ends', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.kill();
    await world.pass(2_000);
    expect(await b.claim('s2', 'desk')).toEqual(inUse);
    await world.pass(1_500);
    expect(await b.claim('s3', 'desk')).toEqual({
      ...{ granted: false, error: 'server-busy', retryAfter: 2_500 },
    });
    await world.pass(2_500);
    expect(await b.claim('s4', 'desk')).toEqual(granted);
  });
});
