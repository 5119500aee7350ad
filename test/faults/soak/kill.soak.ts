import { expect, it } from 'vitest';
import { backOffCap, KilledGate, lost, stayingNames } from '../killed-gate.js';

const kills = 100;

it(`T35: a gate that is killed ${kills} times under load loses no acknowledged registration, and its clients reconnect each time`, async () => {
  await using gate = await KilledGate.open();
  let acknowledged = 0;
  let torn = 0;
  const backAfter: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    const life = await gate.live(1 + Math.floor(Math.random() * 100));
    expect(life.recording.problems, `kill ${kill}`).toEqual([]);
    expect(life.recording.gaps, `kill ${kill}`).toEqual([]);
    expect(lost(life), `kill ${kill}`).toEqual([]);
    expect(life.owners, `kill ${kill}`).toEqual(stayingNames);
    expect(life.doubles, `kill ${kill}`).toEqual([]);
    for (const [name, waits] of life.waits) {
      expect(waits.length, `${name} after kill ${kill}`).toBeLessThanOrEqual(1);
      expect(Math.max(...waits), `${name} after kill ${kill}`).toBeLessThanOrEqual(backOffCap);
    }
    acknowledged += life.acknowledged.length;
    torn += life.recording.files.filter((file) => file.torn).length;
    backAfter.push(life.backAfter);
  }
  backAfter.sort((one, other) => one - other);
  const half = Math.round(backAfter[kills / 2] ?? 0);
  const last = Math.round(backAfter.at(-1) ?? 0);
  console.info(
    `T35: ${kills} kills, ${acknowledged} acknowledged registrations, none lost; ${torn} torn lines; ` +
      `10 clients back after ${half} ms (median), ${last} ms (maximum), maximum back-off ${backOffCap} ms`,
  );
});
