import { expect, it } from 'vitest';
import { backOffCap, KilledGate, lost, stayingNames } from './killed-gate.js';

it('T35: after kill -9 under load and a restart every acknowledged registration is recorded, the clients reconnect within their maximum back-off, and no name has two owners', async () => {
  await using gate = await KilledGate.open();
  // Clients connect to the first life and reconnect to the others.
  for (const guests of [40, 1, 15, 5]) {
    const life = await gate.live(guests);
    expect(life.recording.problems).toEqual([]);
    expect(life.recording.gaps).toEqual([]);
    expect(life.recording.files.slice(0, -1).filter(({ torn }) => torn)).toEqual([]);
    expect(life.acknowledged.length).toBeGreaterThan(guests);
    expect(lost(life)).toEqual([]);
    expect(life.owners).toEqual(stayingNames);
    expect(life.doubles).toEqual([]);
    for (const [name, waits] of life.waits) {
      // A registration that began before the gate listened may fail; the next attempt succeeds.
      expect(waits.length, name).toBeLessThanOrEqual(1);
      expect(waits[0], name).toBeLessThanOrEqual(backOffCap);
    }
  }
}, 120_000);
