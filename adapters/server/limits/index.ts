/** The limits of a gate: admission, rates, penalties and budgets. */
export {
  Admission,
  type AdmissionChange,
  type AdmissionLimits,
  type ConnectionRejection,
  ConnectionSlot,
  type RejectionReason,
  rejectionReasons,
  type Violation,
} from './admission.js';
export { type Ban, Bans, BansFullError } from './bans.js';
export { Counts } from './counts.js';
export { DescriptorWatch } from './descriptor-watch.js';
export { descriptorLimit } from './descriptors.js';
export { type Cancelable, EventLoopBudget } from './event-loop-budget.js';
export { LagWatch } from './lag.js';
export {
  defaultLimits,
  type EarlyRefusal,
  type LimitKind,
  type LimitName,
  type LimitOptions,
  type LimitRow,
  type Limits,
  type LimitValue,
  limitNames,
  limitTable,
  rangeOf,
} from './limit-table.js';
export { MessageRate } from './message-rate.js';
export { type ClientFrames, framesOf, limitsFrom, reservedDescriptors } from './options.js';
export { OwnShare } from './own-share.js';
export { type ListedPenalty, Penalties } from './penalties.js';
export type { Rate } from './rate.js';
export { type PrefixLengths, sourceOf } from './source.js';
export { TokenBucket } from './token-bucket.js';
export { TokenBuckets } from './token-buckets.js';
export { ValidationQueue } from './validations.js';
