import { expect, it } from 'vitest';
import { backOffCap, KilledGate, lost, stayingNames } from './killed-gate.js';

it('T35: after kill -9 under load and a restart every acknowledged registration is recorded, the clients are back within the cap of their back-off, and no name has two owners', async () => {
  await using gate = await KilledGate.open();
  // The first life is the one the clients come to; the others those they come back to.
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
      // One that began before the gate was there may have failed after; the next one finds it.
      expect(waits.length, name).toBeLessThanOrEqual(1);
      expect(waits[0], name).toBeLessThanOrEqual(backOffCap);
    }
  }
}, 120_000);
