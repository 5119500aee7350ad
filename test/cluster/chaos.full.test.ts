import { describe, expect, it } from 'vitest';
import { hasRedis } from '../directory/redis/redis-stores.js';
import { temporaryFolder } from '../support/folder.js';
import { nothingWrong, runChaos } from './chaos.js';
import { allFaults, harmlessToStore } from './chaos-faults.js';

/** `npm run soak:cluster` has 200 faults, and all combinations. */
/** Milliseconds. */
const timeout = 150_000;

describe.skipIf(!hasRedis())('Three gates of a cluster under faults', () => {
  it(
    'never let two sessions of a name act at one time, with reject and close',
    async () => {
      await using folder = await temporaryFolder();
      const outcome = await runChaos({
        ...{ folder: folder.path, policy: 'reject', onLoss: 'close' },
        ...{ seed: 22, faults: harmlessToStore, count: harmlessToStore.length },
      });
      expect(outcome).toMatchObject({ ...nothingWrong, overlaps: [] });
    },
    timeout,
  );

  it(
    'agree with the store when all is quiet, also where it was restarted empty',
    async () => {
      await using folder = await temporaryFolder();
      const outcome = await runChaos({
        ...{ folder: folder.path, policy: 'takeover', onLoss: 'keep', claimsOnLoss: 'provisional' },
        ...{ seed: 3, faults: allFaults, count: allFaults.length },
      });
      expect(outcome).toMatchObject(nothingWrong);
    },
    timeout,
  );
});
