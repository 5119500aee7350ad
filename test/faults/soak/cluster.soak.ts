import { describe, expect, it } from 'vitest';
import { nothingWrong, runChaos } from '../../cluster/chaos.js';
import { allFaults, harmlessToStore } from '../../cluster/chaos-faults.js';
import { hasRedis } from '../../directory/redis/redis-stores.js';
import { temporaryFolder } from '../../support/folder.js';

/** About 3 seconds each, with their pauses. */
const perMinute = 20;
const minutes = Number(process.env.IXGATE_CHAOS_MINUTES ?? 10);
const firstSeed = Number(process.env.IXGATE_CHAOS_SEED ?? 1);

const runs = [
  { policy: 'reject', onLoss: 'close', faults: harmlessToStore },
  { policy: 'reject', onLoss: 'close', faults: allFaults },
  { policy: 'reject', onLoss: 'keep', claimsOnLoss: 'provisional', faults: allFaults },
  { policy: 'takeover', onLoss: 'close', faults: allFaults },
  { policy: 'takeover', onLoss: 'keep', claimsOnLoss: 'provisional', faults: allFaults },
] as const;
const count = Math.ceil((minutes * perMinute) / runs.length);

describe.skipIf(!hasRedis())('Three gates of a cluster under faults', () => {
  for (const [index, run] of runs.entries()) {
    const isWhole = run.faults === harmlessToStore;
    const title = `${run.policy}, ${run.onLoss}${isWhole ? ', the store loses nothing' : ''}`;
    it(`keep their promises: ${title}`, async () => {
      await using folder = await temporaryFolder();
      const seed = firstSeed + index;
      const began = performance.now();
      const outcome = await runChaos({ folder: folder.path, ...run, seed, count });
      const { registrations, overlaps } = outcome;
      const longest = Math.max(0, ...overlaps.map(({ ms }) => ms));
      const seconds = Math.round((performance.now() - began) / 1_000);
      console.info(
        `${title}: seed ${seed}, ${count} faults in ${seconds} s, ${registrations} registrations, ${overlaps.length} overlaps (longest ${longest} ms)`,
      );
      expect(outcome).toMatchObject({ ...nothingWrong, ...(isWhole && { overlaps: [] }) });
    });
  }
});
