/**
 * The client adapter: the chart in the client's seat, on real sockets.
 * @module ixgate/client
 */
export { createClient, GateClient } from './client.js';
export type { Registration } from './client-connection-host.js';
export type { ClientEvents, RequestOptions } from './client-events.js';
export type { ClientTransport } from './client-transport.js';
export {
  ClientClosedError,
  ConnectFailedError,
  DisconnectedError,
  OptionFunctionError,
  PingTimeoutError,
  ProtocolError,
  RegistrationLostError,
  RegistrationRefusedError,
  ReplyTimeoutError,
  RequestRefusedError,
  ServerSilentError,
} from './errors.js';
export type { ClientOptions, PingOptions, ReconnectOptions } from './options.js';
export type { Provided } from './provided-options.js';
