import { describe, expect, it } from 'vitest';
import { World } from './simulated-gate.js';

const granted = { granted: true, epoch: expect.any(Number) };
const inUse = { granted: false, error: 'name-in-use', retryAfter: null };
const probe = { policy: 'probe' } as const;

describe('A claim with the policy probe', () => {
  it.each(['a', 'b'])('replaces a silent session of gate %s', async (node) => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.silent.add('s1');
    expect(await (node === 'a' ? b : a).claim('s2', 'desk', probe)).toEqual(granted);
    expect(await world.holders('desk')).toEqual(['s2']);
    expect(a.sessions.has('s1')).toBe(false);
  });

  it('is refused where the session answers', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    expect(await b.claim('s2', 'desk', probe)).toEqual(inUse);
    expect(await a.claim('s3', 'desk', probe)).toEqual(inUse);
    expect(await world.holders('desk')).toEqual(['s1']);
  });

  it('is granted only when the store has heard that the silent session is over', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.silent.add('s1');
    // Of the message, and of the release.
    const delays = [10, 400, 10];
    a.faults.delay = () => delays.shift() ?? 10;
    const claim = b.claim('s2', 'desk', probe);
    await world.pass(900);
    expect(await claim).toEqual(granted);
  });

  it('is refused where the other gate does not answer in time', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.silent.add('s1');
    a.faults.losesMessage = () => true;
    const claim = b.claim('s2', 'desk', probe);
    await world.pass(4_000);
    expect(await claim).toEqual(inUse);
    expect(b.problems).toEqual(['NODE_NO_ANSWER']);
  });

  it('waits for all gates of the holders, also where one fails', async () => {
    const world = new World();
    const [a, b, c] = await world.gates(['a', 'b', 'c']);
    await a.claim('s1', 'desk', { cap: 2 });
    await b.claim('s2', 'desk', { cap: 2 });
    a.makeRoom = async () => {
      throw new Error('out of order');
    };
    b.silent.add('s2');
    b.faults.delay = () => 100;
    const claim = c.claim('s3', 'desk', { cap: 2, ...probe });
    await world.pass(2_000);
    expect(await claim).toEqual(granted);
    expect(await world.holders('desk')).toEqual(['s1', 's3']);
    expect(c.problems).toEqual(['NODE_FAILED']);
  });

  it('asks nothing of a gate that has missed its renewals', async () => {
    const world = new World();
    const [a, b] = await world.gates(['a', 'b']);
    await a.claim('s1', 'desk');
    a.kill();
    await world.pass(5_000);
    const before = b.countSent('send');
    expect(await b.claim('s2', 'desk', probe)).toEqual({
      ...{ granted: false, error: 'server-busy', retryAfter: 1_000 },
    });
    expect(b.countSent('send')).toBe(before);
  });
});
