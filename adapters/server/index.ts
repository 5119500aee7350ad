/**
 * The server adapter: the chart in the server's seat, on real sockets.
 * @module ixgate/server
 */

export type {
  AcceptInfo,
  AcceptTarget,
  OpenWebSocket,
  StreamPair,
} from '../net/transports/accept.js';
export type { HttpServer } from '../net/transports/attach.js';
export { HandshakeError } from '../net/transports/handshakes.js';
export type { Peer } from '../net/transports/peer.js';
export type { UpgradeRequest } from '../net/transports/upgrade-request.js';
export { deadlineClock } from '../runtime/deadlines.js';
export type { Attachment, AttachOptions } from './attach.js';
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
export type { ListenerOptions } from './listen.js';
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
export type { ServerSession } from './server-session.js';
export type { Refusal, SessionInfo } from './session-info.js';
export {
  type ConnectionInfo,
  invalid,
  type ValidationContext,
  type Validator,
  type Verdict,
  valid,
} from './validator.js';
