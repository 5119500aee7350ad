import { expect, it } from 'vitest';
import { FairnessTest } from '../../support/fairness.js';
import { temporaryFolder } from '../../support/folder.js';

/** One peer of every kind with every kind of input, at full speed; `IXGATE_ATTACK` selects attacks by a part of their name. */
it('T80: T81: T84: T91: one peer at full speed leaves others half of their registrations, at most five times their tail latency, and their deadlines within 250 ms', async () => {
  await using folder = await temporaryFolder();
  await using test = await FairnessTest.open(folder.path);
  const unfair: string[] = [];
  for (const attack of await test.attacks) {
    if (!attack.includes(process.env.IXGATE_ATTACK ?? '')) continue;
    const { registrations, tail, late } = await test.under(attack);
    const figures = `${registrations.toFixed(2)} of the registrations, ${tail.toFixed(1)} times the tail, ${Math.round(late)} ms late`;
    console.log(`${attack}: ${figures}`);
    if (registrations < 0.5 || tail > 5 || late > 250) unfair.push(`${attack}: ${figures}`);
  }
  expect(unfair).toEqual([]);
});
