/** What keeps strangers within bounds: who may come in, how often, and what their work may take. */
export {
  Admission,
  type AdmissionLimits,
  type EarlyRefusal,
  type Offence,
  Place,
  type TurnAwayCause,
  type TurnedAway,
  turnAwayCauses,
} from './admission.js';
export { DescriptorWatch } from './descriptor-watch.js';
export { descriptorLimit } from './descriptors.js';
export { LagWatch } from './lag.js';
export {
  defaultLimits,
  frameLimits,
  type LimitName,
  type LimitOptions,
  type Limits,
  limitsFrom,
  wholeNumber,
} from './options.js';
export { type PrefixLengths, SourceSet, sourceOf } from './source.js';
export { type Rate, TokenBuckets } from './token-buckets.js';
export { Turns, type Wait } from './turns.js';
export { ValidationQueue } from './validations.js';
