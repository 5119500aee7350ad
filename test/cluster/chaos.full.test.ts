import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { runChaos } from './chaos.js';
import { harmlessToStore } from './chaos-faults.js';

describe('three gates of a cluster under faults', () => {
  it('never register a name twice at once with reject and close', async () => {
    await using folder = await temporaryFolder();
    const outcome = await runChaos({
      folder: folder.path,
      ...{ policy: 'reject', onLoss: 'close', seed: 1, faults: harmlessToStore, duration: 20_000 },
    });
    console.log(outcome);
    expect(outcome.faults.length).toBeGreaterThan(3);
    expect(outcome).toMatchObject({
      ...{ sharedEpochs: [], epochsBackwards: [], overlaps: [], away: [], disagreements: [] },
      crashes: [],
    });
  });
});
