import { describe, expect, it } from 'vitest';
import { lease, World } from './simulated-gate.js';

describe('A gate that is about to act for a session', () => {
  it('ends the sessions whose lease is over, although its timers did not run', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    gate.member.checkLeases();
    expect(gate.ended).toEqual([]);
    // The machine slept: its monotonic clock did not run.
    gate.clock.wallOffset = lease;
    gate.member.checkLeases();
    expect(gate.ended).toMatchObject([{ session: 's1', reason: 'directory-lost' }]);
    expect(gate.member.state).toBe('lost');
  });

  it('leaves them where sessions stay without the store', async () => {
    const world = new World();
    const gate = await world.gate('a', { onLoss: 'keep' });
    await gate.claim('s1', 'desk');
    gate.clock.wallOffset = lease;
    gate.member.checkLeases();
    expect(gate.ended).toEqual([]);
  });

  it('goes on with a lease that was renewed in time', async () => {
    const world = new World();
    const gate = await world.gate('a');
    await gate.claim('s1', 'desk');
    for (let renewal = 0; renewal < 12; renewal += 1) {
      await world.nextRenewal();
      gate.member.checkLeases();
    }
    expect(gate.ended).toEqual([]);
    expect(gate.member.state).toBe('live');
  });
});
