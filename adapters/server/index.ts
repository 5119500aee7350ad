/**
 * The server adapter: the chart in the server's seat, on real sockets.
 * @module ixgate/server
 */

export { deadlineClock } from '../runtime/deadlines.js';
export { ValidatorTimeoutError } from './decision.js';
export { AcceptError, ListenError, OverloadError } from './errors.js';
export { type Journal, NotRecordedError } from './journal.js';
export {
  type ConnectionRejection,
  defaultLimits,
  type EarlyRefusal,
  type LimitOptions,
  type PrefixLengths,
  type Rate,
  type RejectionReason,
  rejectionReasons,
} from './limits/index.js';
export { type NamePolicy, namePolicies } from './name-policy.js';
export type { OptionChanges, ServerOptions } from './options.js';
export type { ClientRequest, Reply } from './reply.js';
export { createServer, GateServer, type GateView, type ServerEvents } from './server.js';
export {
  type CountedLimit,
  countedLimits,
  type GateCounts,
  type Outcome,
  outcomes,
} from './server-counters.js';
export type { ServerSession } from './session.js';
export type { Refusal, SessionInfo } from './session-info.js';
export {
  invalid,
  type ValidationContext,
  type Validator,
  type Verdict,
  valid,
} from './validator.js';
