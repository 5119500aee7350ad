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
export type { Audience } from './audience.js';
export { ValidatorTimeoutError } from './decision.js';
export { InvalidReplyError } from './declared-messages.js';
export { type DurationCounts, durationBounds } from './durations.js';
export { AcceptError, ListenError, OverloadError } from './errors.js';
export type { GateEvents, ServerEvents, ViewEvents } from './events.js';
export type { GateView } from './gate-view.js';
export { type Journal, NotRecordedError } from './journal.js';
export type { KickOptions } from './kick.js';
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
export type {
  AckOf,
  DeclaredMessage,
  MessageHandlers,
  MessageOf,
  MessageSchema,
  MessageSchemas,
  MessagesOf,
  SchemasFor,
  UndeclaredMessages,
} from './message-types.js';
export { type NamePolicy, namePolicies } from './name-policy.js';
export type { OptionChanges, ServerOptions } from './options.js';
export type { ClientRequest, Reply } from './reply.js';
export type { SendCounts, SendOutcome } from './send-outcome.js';
export { createServer, GateServer } from './server.js';
export {
  type CountedLimit,
  countedLimits,
  type GateCounts,
  type Outcome,
  outcomes,
  type ValidationOutcome,
  validationOutcomes,
} from './server-counters.js';
export type { ServerSession, SessionView } from './server-session.js';
export type { Refusal, SessionInfo } from './session-info.js';
export {
  type ConnectionInfo,
  type Granted,
  invalid,
  type Refused,
  type ValidationContext,
  type Validator,
  type ValidatorAnswer,
  type Verdict,
  valid,
} from './validator.js';
