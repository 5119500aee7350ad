import { describe, expect, it } from 'vitest';
import {
  checkDirectory,
  type DirectoryCheckOptions,
  violationText,
} from '../../machines/directory/check.js';
import { seededFaults, violationOf } from './seeded-faults.js';

const disturbed = ['crash', 'pause', 'stall', 'cut', 'late', 'kick-lost'] as const;

const takeover = { policy: 'takeover' } as const;

/** The settings, and about how many states they have. */
const runs: readonly (readonly [string, number, DirectoryCheckOptions])[] = [
  ['reject, close: gates and connections', 110_000, { mayHappen: disturbed }],
  ['reject, close: failover', 200_000, { mayHappen: ['failover'] }],
  ['reject, keep: empty store', 25_000, { loss: 'keep', mayHappen: ['empty'] }],
  [
    'takeover, close: kicks and crashes',
    30_000,
    { ...takeover, mayHappen: ['kick-lost', 'crash'] },
  ],
  [
    'takeover, keep: lost connections',
    200_000,
    { ...takeover, loss: 'keep', mayHappen: ['cut', 'late'] },
  ],
  ['three gates, takeover', 100_000, { ...takeover, gates: 3, faults: 0 }],
  ['three gates, reject', 50_000, { gates: 3, claims: 1, mayHappen: ['crash', 'cut', 'stall'] }],
];

describe('the rules of the directory', () => {
  it.each(runs)('hold with %s', { timeout: 240_000 }, (_, least, options) => {
    const { states, violations } = checkDirectory(options);
    expect(violations.map(violationText)).toEqual([]);
    expect(states).toBeGreaterThan(least);
  });
});

describe('a wrong rule', () => {
  const slow = seededFaults.filter(({ isQuick }) => !isQuick);
  it.each(slow)('$mistake breaks $breaks', { timeout: 240_000 }, (fault) => {
    expect(violationOf(fault)?.trace).toHaveLength(fault.steps);
  });
});
