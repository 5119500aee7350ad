/**
 * The server adapter: the chart in the server's seat, on real sockets.
 * @module ixgate/server
 */
export { ValidatorTimeoutError } from './decision.js';
export type { ServerOptions } from './options.js';
export type { ClientRequest, Reply } from './reply.js';
export { createServer, GateServer, ListenError, type ServerEvents } from './server.js';
export type { ServerSession } from './session.js';
export type { Refusal, SessionInfo } from './session-info.js';
export {
  invalid,
  type ValidationContext,
  type Validator,
  type Verdict,
  valid,
} from './validator.js';
