/**
 * The server, the client and the chart: the parts that most integrators need. Other parts have their own subpaths, e.g.
 * `ixgate/machines` (chart, messages, figures), `ixgate/model` (exploring, generated tests), `ixgate/validators`, `ixgate/recording`.
 * @module ixgate
 */
export {
  type ClientType,
  type Configuration,
  type ErrorName,
  type EventAck,
  type EventError,
  errorCodes,
  eventAck,
  eventError,
  type RegistrationEvent,
  type RequestRegisterClient,
  registrationMachine,
  type StepRecord,
  type WireMessage,
} from '../machines/entry/machines.js';
export {
  ClientClosedError,
  type ClientOptions,
  ConnectFailedError,
  createClient,
  DisconnectedError,
  type GateClient,
  type Registration,
  RegistrationLostError,
  RegistrationRefusedError,
  ReplyTimeoutError,
  RequestRefusedError,
} from './client/index.js';
export { IxgateError } from './runtime/errors.js';
export {
  type ClientRequest,
  createServer,
  type GateServer,
  invalid,
  ListenError,
  type Reply,
  type ServerOptions,
  type ServerSession,
  type SessionInfo,
  type ValidationContext,
  type Validator,
  type Verdict,
  valid,
} from './server/index.js';
