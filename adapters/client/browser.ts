/**
 * `ixgate/client` in a browser: the same client over the WebSocket of the page.
 * @module ixgate/client
 */
export { createClient, GateClient } from './browser-client.js';
export type { ClientOptions } from './browser-options.js';
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
export type { PingOptions, ReconnectOptions } from './options.js';
export type { Provided } from './provided-options.js';
