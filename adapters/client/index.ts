/**
 * The client adapter: the chart in the client's seat, on real sockets.
 * @module ixgate/client
 */
export { type ClientEvents, createClient, GateClient, type RequestOptions } from './client.js';
export {
  ClientClosedError,
  ConnectFailedError,
  DisconnectedError,
  ProtocolError,
  RegistrationRefusedError,
  ReplyTimeoutError,
  RequestRefusedError,
} from './errors.js';
export type { Registration } from './link-host.js';
export type { ClientOptions, ReconnectOptions } from './options.js';
