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
  /** Whether it is found within about a thousand states. */
  readonly isQuick?: true;
}

const takeover = { policy: 'takeover', faults: 0 } as const;
const keep = { loss: 'keep' } as const;

export const seededFaults: readonly SeededFault[] = [
  {
    mistake: 'epochFromCounter',
    breaks: 'rising',
    steps: 6,
    within: { mayHappen: ['failover'] },
    isQuick: true,
  },
  { mistake: 'takeoverKeepsEpoch', breaks: 'rising', steps: 4, within: takeover, isQuick: true },
  { mistake: 'noLocalDeadline', breaks: 'no-overlap', steps: 12, within: { mayHappen: ['stall'] } },
  {
    mistake: 'deadlineFromAnswer',
    breaks: 'no-overlap',
    steps: 26,
    within: { mayHappen: ['stall'], faults: 2 },
  },
  {
    mistake: 'deadlineStopsInPause',
    breaks: 'no-overlap',
    steps: 13,
    within: { mayHappen: ['pause'] },
  },
  { mistake: 'trustsOldGrant', breaks: 'no-overlap', steps: 13, within: { mayHappen: ['pause'] } },
  {
    mistake: 'grantsBeforeReasserting',
    breaks: 'one-in-gate',
    steps: 13,
    within: { ...keep, mayHappen: ['empty'] },
  },
  {
    mistake: 'reassertKeepsHolder',
    breaks: 'newest-stays',
    steps: 20,
    within: { ...keep, policy: 'takeover', mayHappen: ['empty'] },
  },
  {
    mistake: 'reassertOverwrites',
    breaks: 'newest-stays',
    steps: 16,
    within: { ...keep, mayHappen: ['stall'] },
  },
  {
    mistake: 'unknownIsFailure',
    breaks: 'agreement',
    steps: 7,
    within: { claims: 1, mayHappen: ['cut'] },
    isQuick: true,
  },
  {
    mistake: 'resendsClaim',
    breaks: 'agreement',
    steps: 5,
    within: { claims: 1, mayHappen: ['cut'] },
    isQuick: true,
  },
  { mistake: 'releaseFreesAny', breaks: 'agreement', steps: 19, within: { mayHappen: ['stall'] } },
  {
    mistake: 'kickEndsAny',
    breaks: 'agreement',
    steps: 7,
    within: { ...takeover, claims: 3 },
    isQuick: true,
  },
  { mistake: 'sweepFreesAny', breaks: 'agreement', steps: 12, within: { mayHappen: ['crash'] } },
  { mistake: 'sweepsLive', breaks: 'no-overlap', steps: 10, within: { faults: 0 } },
  {
    mistake: 'kicksAreNotCounted',
    breaks: 'agreement',
    steps: 7,
    within: { policy: 'takeover', mayHappen: ['kick-lost'] },
    isQuick: true,
  },
  {
    mistake: 'operationsAreNotCounted',
    breaks: 'agreement',
    steps: 5,
    within: { claims: 1, mayHappen: ['failover'] },
    isQuick: true,
  },
  {
    mistake: 'ignoresKicksWhileJoining',
    breaks: 'agreement',
    steps: 21,
    within: { ...keep, policy: 'takeover', mayHappen: ['empty'] },
  },
  { mistake: 'keepsKickedName', breaks: 'agreement', steps: 18, within: takeover },
  { mistake: 'forgetsEarlyKick', breaks: 'agreement', steps: 7, within: takeover, isQuick: true },
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
