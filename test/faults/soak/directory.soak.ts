import { describe, expect, it } from 'vitest';
import {
  checkDirectory,
  type DirectoryCheckOptions,
  violationText,
} from '../../../machines/directory/check.js';
import { describeBroken, firstBroken } from '../../directory/random-cluster.js';
import { seededFaults, violationOf } from '../../directory-model/seeded-faults.js';

const takeover = { policy: 'takeover' } as const;

/** The settings, and about how many states they have. */
const runs: readonly (readonly [string, number, DirectoryCheckOptions])[] = [
  ['reject, close: failover', 200_000, { mayHappen: ['failover'] }],
  [
    'takeover, keep: lost connections',
    200_000,
    { ...takeover, loss: 'keep', mayHappen: ['cut', 'late'] },
  ],
  ['three gates, takeover', 100_000, { ...takeover, gates: 3, faults: 0 }],
];

describe('the rules of the directory', () => {
  it.each(runs)('hold with %s', (_, least, options) => {
    const { states, violations } = checkDirectory(options);
    expect(violations.map(violationText)).toEqual([]);
    expect(states).toBeGreaterThan(least);
  });

  it.each(seededFaults.filter(({ cost }) => cost === 'soak'))(
    '$mistake breaks $breaks',
    (fault) => {
      expect(violationOf(fault)?.trace).toHaveLength(fault.steps);
    },
  );
});

describe('the member of a directory', () => {
  it('keeps its promises in 20,000 random lives of three gates with faults', async () => {
    const broken = await firstBroken(1, 20_000);
    expect(broken && describeBroken(broken)).toBe(null);
  });
});
