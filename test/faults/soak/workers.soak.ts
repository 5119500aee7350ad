import { it, onTestFailed } from 'vitest';
import { FaultyCluster } from '../../service/workers/faulty-cluster.js';

const rounds = Number(process.env.FAULT_ROUNDS ?? 200);
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 1_000_000));

it(`T85: names, counts, configuration and readiness are correct after ${rounds} faults at random points of worker lifetimes`, {
  timeout: 7_200_000,
}, async () => {
  onTestFailed(() => console.error(`FAULT_SEED=${seed} repeats these faults`));
  await using gate = await FaultyCluster.open(seed);
  for (let round = 0; round < rounds; round += 1) await gate.round(false);
  console.info(
    `T85: ${rounds} faults ${JSON.stringify(gate.counts)} with seed ${seed}, ${gate.acknowledged} acknowledged registrations`,
  );
});
