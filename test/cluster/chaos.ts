import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generatorOf } from '../../machines/engine/testgen/random.js';
import { type FaultName, faults } from './chaos-faults.js';
import { Crowd } from './crowd.js';
import { type Overlap, overlaps, registrationsIn, wrongEpochs } from './history.js';
import { TestCluster, type TestClusterOptions } from './test-cluster.js';

export interface ChaosOptions extends TestClusterOptions {
  /** Equal seeds give equal faults; what they meet depends on the machine. */
  readonly seed: number;
  /** Those that may happen. */
  readonly faults: readonly FaultName[];
  /** Number of faults, one after the other. */
  readonly count: number;
}

/** What a run came to. The lists of what is wrong are empty when the gates kept their promises. */
export interface ChaosOutcome {
  /** Number of registrations in the recordings. */
  readonly registrations: number;
  /** What `ixgate check-history` finds. */
  readonly wrongEpochs: readonly string[];
  readonly overlaps: readonly Overlap[];
  /** Clients that were not registered when all was quiet. */
  readonly away: readonly string[];
  /** Sessions that only a gate or only the store had when all was quiet. */
  readonly disagreements: readonly string[];
  /** Gates that ended by themselves. */
  readonly crashes: readonly string[];
}

/** What a chaos run has to come to. */
export const nothingWrong = {
  ...{ wrongEpochs: [], away: [], disagreements: [], crashes: [] },
} satisfies Partial<ChaosOutcome>;

/** Milliseconds that a recording may tell the end of a session too late. */
const endTolerance = 5;

/** Three gates and their clients under faults, one after the other; then the gates are compared with the store, and recordings judged. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  await using cluster = await TestCluster.open(options);
  const { ports, lease } = cluster;
  await using crowd = new Crowd({ ports, clients: 50, requestInterval: 200 });
  crowd.stir({ moves: 300, rivals: 100 });
  await applyFaults(cluster, options);
  await crowd.calm();
  // Renewals, with what they find.
  await sleep(lease);
  const settled = await cluster.settled(crowd);
  const { crashes } = cluster;
  await crowd[Symbol.asyncDispose]();
  for (const gate of cluster.gates) await gate.stop();
  const records = join(options.folder, 'records');
  const registrations = await registrationsIn(records);
  return {
    ...{ registrations: registrations.length, ...settled, crashes },
    wrongEpochs: await wrongEpochs(records, lease / 4),
    overlaps: overlaps(registrations, endTolerance),
  };
}

async function applyFaults(cluster: TestCluster, options: ChaosOptions): Promise<void> {
  const random = generatorOf(options.seed);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  let left: FaultName[] = [];
  for (let number = 0; number < options.count; number += 1) {
    // Each happens once before one happens again.
    if (left.length === 0) left = [...options.faults];
    const name = pick(left);
    left = left.filter((one) => one !== name);
    try {
      await faults[name](cluster, pick, random);
    } catch (cause) {
      throw new Error(`fault ${number + 1}, ${name}`, { cause });
    }
    await sleep(cluster.lease * (0.1 + 0.5 * random()));
  }
}
