import { describe, expect, it } from 'vitest';
import { lease, World } from './simulated-gate.js';

const granted = { granted: true, epoch: expect.any(Number) };
const provisional = { granted: true, epoch: null };
const choices = { onLoss: 'keep', claimsOnLoss: 'provisional' } as const;

/** A gate that has lost the store, and another one that has not. */
async function lost(world: World) {
  const [a, b] = await world.gates(['a', 'b'], choices);
  await a.claim('old', 'held');
  a.cut();
  await world.pass(2 * lease);
  return { a, b };
}

describe('A claim while the store is lost', () => {
  it('is granted without an epoch where the gate grants provisionally; later it gets one', async () => {
    const world = new World();
    const { a, b } = await lost(world);
    expect(await a.claim('s1', 'desk')).toEqual(provisional);
    expect(a.epochOf('s1')).toBe(null);
    a.heal();
    await world.pass(lease);
    expect(a.epochOf('s1')).toEqual(expect.any(Number));
    expect(await b.claim('s2', 'desk')).toMatchObject({ error: 'name-in-use' });
    expect(a.ended).toEqual([]);
  });

  it('loses the name to a session that another gate was granted meanwhile', async () => {
    const world = new World();
    const { a, b } = await lost(world);
    expect(await a.claim('s1', 'desk')).toEqual(provisional);
    expect(await b.claim('s2', 'desk')).toEqual(granted);
    a.heal();
    await world.pass(lease);
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'replaced' }]);
    expect(await world.holders('desk')).toEqual(['s2']);
  });

  it('replaces that session where its policy is takeover', async () => {
    const world = new World();
    const { a, b } = await lost(world);
    expect(await a.claim('s1', 'desk', { policy: 'takeover' })).toEqual(provisional);
    expect(await b.claim('s2', 'desk')).toEqual(granted);
    a.heal();
    await world.pass(lease);
    expect(b.ended).toMatchObject([{ session: 's2', reason: 'replaced' }]);
    expect(a.ended).toEqual([]);
    expect(await world.holders('desk')).toEqual(['s1']);
  });

  it('comes before claims that are made when the store is back', async () => {
    const world = new World();
    const { a } = await lost(world);
    expect(await a.claim('s1', 'desk')).toEqual(provisional);
    a.heal();
    a.faults.delay = () => 50;
    const before = a.countSent('reassert');
    while (a.countSent('reassert') === before) await world.pass(10);
    const later = a.claim('s2', 'desk');
    await world.pass(lease);
    expect(await later).toMatchObject({ error: 'name-in-use' });
    expect(await world.holders('desk')).toEqual(['s1']);
  });

  it('is given back where its session ended before the store was back, or while it was claimed', async () => {
    const world = new World();
    const { a, b } = await lost(world);
    const claims = [a.claim('s1', 'one'), a.claim('s2', 'two')];
    await world.pass(1_000);
    expect(await Promise.all(claims)).toEqual([provisional, provisional]);
    a.release('s1');
    a.heal();
    a.faults.delay = () => 50;
    const before = a.countSent('claim');
    while (a.countSent('claim') === before) await world.pass(10);
    a.release('s2');
    await world.pass(lease);
    expect(await b.claim('s3', 'one')).toEqual(granted);
    expect(await b.claim('s4', 'two')).toEqual(granted);
    expect(a.countSent('claim')).toBe(before + 1);
  });

  it('gets an epoch also where the answer to its claim is lost', async () => {
    const world = new World();
    const { a, b } = await lost(world);
    await a.claim('s1', 'desk');
    a.heal();
    a.loseAnswers('claim');
    await world.pass(2 * lease);
    expect(a.epochOf('s1')).toEqual(expect.any(Number));
    expect(a.ended).toEqual([]);
    expect(await world.holders('desk')).toEqual(['s1']);
    expect(await b.claim('s2', 'desk')).toMatchObject({ error: 'name-in-use' });
  });

  it('ends where another gate takes the name over before the answer to its claim', async () => {
    const world = new World();
    const { a, b } = await lost(world);
    await a.claim('s1', 'desk');
    a.heal();
    const before = a.countSent('claim');
    let isSlow = true;
    a.faults.delay = () => (a.countSent('claim') > before && isSlow ? 300 : 0);
    while (a.countSent('claim') === before) await world.pass(10);
    // The claim is on its way; then its answer.
    await world.pass(300);
    isSlow = false;
    expect(await b.claim('s2', 'desk', { policy: 'takeover' })).toEqual(granted);
    await world.pass(lease);
    expect(a.ended).toMatchObject([{ session: 's1', reason: 'replaced' }]);
    expect(await world.holders('desk')).toEqual(['s2']);
  });

  it('stays provisional where the lease lapses again meanwhile', async () => {
    const world = new World();
    const { a } = await lost(world);
    await a.claim('s1', 'desk');
    a.heal();
    const before = a.countSent('claim');
    let isDone = false;
    a.faults.delay = () => {
      if (!isDone && a.countSent('claim') > before) {
        isDone = true;
        world.store.restartEmpty();
      }
      return 1;
    };
    await world.pass(2 * lease);
    expect(isDone).toBe(true);
    expect(a.ended).toEqual([]);
    expect(a.epochOf('s1')).toEqual(expect.any(Number));
    expect(await world.holders('desk')).toEqual(['s1']);
  });

  it('counts the sessions of its gate', async () => {
    const world = new World();
    const { a } = await lost(world);
    const claims = [
      a.claim('s1', 'held'),
      a.claim('s2', 'desk', { cap: 2 }),
      a.claim('s3', 'desk', { cap: 2 }),
      a.claim('s4', 'desk', { cap: 2 }),
      a.claim('s5', 'held', { policy: 'takeover' }),
    ];
    await world.pass(1_000);
    const outcomes = (await Promise.all(claims)).map(({ granted }) => granted);
    expect(outcomes).toEqual([false, true, true, false, true]);
    expect(a.ended).toMatchObject([{ session: 'old', reason: 'replaced' }]);
  });

  it('is refused as busy where the gate does not grant provisionally', async () => {
    const world = new World();
    const a = await world.gate('a');
    a.cut();
    await world.pass(2 * lease);
    expect(await a.claim('s1', 'desk')).toMatchObject({ error: 'server-busy', retryAfter: 1_000 });
  });
});
