import {
  checkDirectory,
  type DirectoryCheckOptions,
  type DirectoryViolation,
} from '../../machines/directory/check.js';
import type { DirectoryProperty } from '../../machines/directory/properties.js';
import { directoryRules, type Mistake } from '../../machines/directory/rules.js';

export interface SeededFault {
  readonly mistake: Mistake;
  readonly breaks: Exclude<DirectoryProperty, 'settles'>;
  /** Number of steps of the shortest violation. */
  readonly steps: number;
  readonly within: DirectoryCheckOptions;
  /** How long it takes to find: in about a thousand states, in up to 100,000, in more. */
  readonly cost: 'quick' | 'seconds' | 'soak';
}

const takeover = { policy: 'takeover', faults: 0 } as const;
const keep = { loss: 'keep' } as const;

export const seededFaults: readonly SeededFault[] = [
  {
    mistake: 'epochFromCounter',
    breaks: 'rising',
    steps: 6,
    within: { mayHappen: ['failover'] },
    cost: 'quick',
  },
  { mistake: 'takeoverKeepsEpoch', breaks: 'rising', steps: 4, within: takeover, cost: 'quick' },
  {
    mistake: 'noLocalDeadline',
    breaks: 'no-overlap',
    steps: 12,
    within: { mayHappen: ['stall'] },
    cost: 'seconds',
  },
  {
    mistake: 'deadlineFromAnswer',
    breaks: 'no-overlap',
    steps: 26,
    within: { mayHappen: ['stall'], faults: 2 },
    cost: 'soak',
  },
  {
    mistake: 'deadlineStopsInPause',
    breaks: 'no-overlap',
    steps: 13,
    within: { mayHappen: ['pause'] },
    cost: 'seconds',
  },
  {
    mistake: 'trustsOldGrant',
    breaks: 'no-overlap',
    steps: 13,
    within: { mayHappen: ['pause'] },
    cost: 'seconds',
  },
  {
    mistake: 'grantsBeforeReasserting',
    breaks: 'one-in-gate',
    steps: 13,
    within: { ...keep, mayHappen: ['empty'] },
    cost: 'seconds',
  },
  {
    mistake: 'reassertKeepsHolder',
    breaks: 'newest-stays',
    steps: 20,
    within: { ...keep, policy: 'takeover', mayHappen: ['empty'] },
    cost: 'seconds',
  },
  {
    mistake: 'reassertOverwrites',
    breaks: 'newest-stays',
    steps: 16,
    within: { ...keep, mayHappen: ['stall'] },
    cost: 'seconds',
  },
  {
    mistake: 'unknownIsFailure',
    breaks: 'agreement',
    steps: 7,
    within: { claims: 1, mayHappen: ['cut'] },
    cost: 'quick',
  },
  {
    mistake: 'resendsClaim',
    breaks: 'agreement',
    steps: 5,
    within: { claims: 1, mayHappen: ['cut'] },
    cost: 'quick',
  },
  {
    mistake: 'releaseFreesAny',
    breaks: 'agreement',
    steps: 19,
    within: { mayHappen: ['stall'] },
    cost: 'seconds',
  },
  {
    mistake: 'kickEndsAny',
    breaks: 'agreement',
    steps: 7,
    within: { ...takeover, claims: 3 },
    cost: 'quick',
  },
  {
    mistake: 'sweepFreesAny',
    breaks: 'agreement',
    steps: 12,
    within: { mayHappen: ['crash'] },
    cost: 'seconds',
  },
  {
    mistake: 'sweepsLive',
    breaks: 'no-overlap',
    steps: 10,
    within: { faults: 0 },
    cost: 'seconds',
  },
  {
    mistake: 'kicksAreNotCounted',
    breaks: 'agreement',
    steps: 7,
    within: { policy: 'takeover', mayHappen: ['kick-lost'] },
    cost: 'quick',
  },
  {
    mistake: 'operationsAreNotCounted',
    breaks: 'agreement',
    steps: 5,
    within: { claims: 1, mayHappen: ['failover'] },
    cost: 'quick',
  },
  {
    mistake: 'ignoresKicksWhileJoining',
    breaks: 'agreement',
    steps: 21,
    within: { ...keep, policy: 'takeover', mayHappen: ['empty'] },
    cost: 'seconds',
  },
  { mistake: 'keepsKickedName', breaks: 'agreement', steps: 18, within: takeover, cost: 'seconds' },
  { mistake: 'forgetsEarlyKick', breaks: 'agreement', steps: 7, within: takeover, cost: 'quick' },
];

/** The shortest violation that a mistake leads to. */
export function violationOf({
  mistake,
  breaks,
  within,
}: SeededFault): DirectoryViolation | undefined {
  const rules = { ...directoryRules, [mistake]: true };
  const { violations } = checkDirectory({ ...within, rules, until: breaks });
  return violations.find(({ property }) => property === breaks);
}
