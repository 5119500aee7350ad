import { expect, it, onTestFailed } from 'vitest';
import { FaultyCluster } from './faulty-cluster.js';

const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 1_000_000));

it('T85: names, counts, configuration and readiness are right after faults at random points of the lives of workers', {
  timeout: 240_000,
}, async () => {
  onTestFailed(() => console.error(`FAULT_SEED=${seed} makes the same faults`));
  await using gate = await FaultyCluster.open(seed);
  for (let round = 0; round < 3; round += 1) await gate.round(true);
  expect(gate.acknowledged).toBeGreaterThan(0);
});
