/** What keeps strangers within bounds: who may come in, how often, and what their work may take. */
export {
  Admission,
  type AdmissionChange,
  type AdmissionLimits,
  type ConnectionRejection,
  ConnectionSlot,
  type EarlyRefusal,
  type RejectionReason,
  rejectionReasons,
  type Violation,
} from './admission.js';
export { Counts } from './counts.js';
export { DescriptorWatch } from './descriptor-watch.js';
export { descriptorLimit } from './descriptors.js';
export { type Cancelable, EventLoopBudget } from './event-loop-budget.js';
export { LagWatch } from './lag.js';
export { MessageRate } from './message-rate.js';
export {
  type ClientFrames,
  defaultLimits,
  framesOf,
  type LimitName,
  type LimitOptions,
  type Limits,
  limitsFrom,
  reservedDescriptors,
} from './options.js';
export { OwnShare } from './own-share.js';
export { Penalties } from './penalties.js';
export type { Rate } from './rate.js';
export { type PrefixLengths, SourceSet, sourceOf } from './source.js';
export { TokenBucket } from './token-bucket.js';
export { TokenBuckets } from './token-buckets.js';
export { ValidationQueue } from './validations.js';
