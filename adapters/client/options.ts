/** The client's options. */

import type { ErrorCodes } from '../../machines/registration/chart/error-codes.js';
import type { ClientType, WireMessage } from '../../machines/registration/chart/messages.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { ConnectOptions } from '../net/transports/transport.js';
import type { Codec } from '../net/wire/codec.js';
import type { ClientTransport } from './client-transport.js';
import type { Provided } from './provided-options.js';

export interface ReconnectOptions {
  /** Maximum first delay in milliseconds, 0 to 2147483647; it doubles with each pass of the endpoints. @default 500 */
  readonly initialDelay?: number | undefined;
  /** Maximum of every delay in milliseconds, 0 to 2147483647. @default 30000 */
  readonly maxDelay?: number | undefined;
  /**
   * Maximum first delay after a lost registration, in milliseconds, 0 to 2147483647; it doubles like `initialDelay`. All clients of a server
   * lose their registrations at the same moment. With the default, at most a fifth of 1,000 clients reconnect in one second. Use 0 for a
   * single client. A longer delay of `initialDelay` takes precedence.
   * @default 12000
   */
  readonly spread?: number | undefined;
  /** Maximum number of consecutive failed attempts, 1 or more; a registration resets the count. @default Infinity */
  readonly maxAttempts?: number | undefined;
  /** Whether a refused client tries again. Transient errors (`errorTable`) are always retried. @default false */
  readonly retryRefused?: boolean | undefined;
}

/**
 * Detection of a server that does not answer any more: a pulled cable, a hung process, a firewall that dropped the connection. After `interval`
 * of silence the client pings the server. When the server sends nothing within `timeout`, the connection ends as transport-error with
 * PingTimeoutError as the cause. Any data of the server counts; over WebSocket, any whole message.
 *
 * Over WebSocket the client sends a WebSocket ping. The protocol has no ping for TCP and TLS: there the client sends `message`, and without
 * it only `keepAlive` detects a lost server.
 */
export interface PingOptions {
  /** Milliseconds of silence before a ping, 1 to 2147483647. @default 30000 */
  readonly interval?: number | undefined;
  /** Milliseconds for the answer, 1 to 2147483647. @default 10000 */
  readonly timeout?: number | undefined;
  /**
   * A request that the service answers in any way, even with EventError; used over TCP and TLS. The client assigns its reference id, and its
   * answer is not an `event`. The next one is sent only after the answer to the last one.
   */
  readonly message?: WireMessage | undefined;
}

export interface ClientOptions {
  /** Endpoints to connect to, e.g. `tcp://127.0.0.1:7004`. Several are tried in turn (warm standby). */
  readonly endpoints: string | Endpoint | readonly (string | Endpoint)[];
  /** 1 to 255 characters. */
  readonly clientName: string;
  readonly clientType: ClientType;
  readonly mediaType?: string | undefined;
  /** int32 */
  readonly proxyClientId?: number | undefined;
  /** A function is called for each attempt, e.g. for a token that expires; it may be async. */
  readonly extension?: Provided<Readonly<Record<string, unknown>>> | undefined;
  /** Timeout of a connection attempt in milliseconds, 1 to 2147483647. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Timeout of the answer to the registration in milliseconds, 1 to 2147483647 or Infinity. @default 5000 */
  readonly replyTimeout?: number | undefined;
  /** Timeout of the answer to a `request()` in milliseconds, 1 to 2147483647 or Infinity. @default 10000 */
  readonly requestTimeout?: number | undefined;
  /**
   * Maximum number of consecutive request timeouts while the server sends nothing; 1 or more, or Infinity. Then the connection ends as
   * transport-error with ServerSilentError as the cause, and the next endpoint is tried first.
   * @default 3
   */
  readonly maxTimeouts?: number | undefined;
  /**
   * How the client reconnects. With `false` each endpoint is tried once, and a lost connection stays lost.
   * @default {}
   */
  readonly reconnect?: false | ReconnectOptions | undefined;
  /**
   * Milliseconds of silence before a TCP keep-alive probe, 1000 to 32767000, rounded down to whole seconds; Infinity for none. It detects a
   * machine that is gone, not a hung process.
   * @default 60000
   */
  readonly keepAlive?: number | undefined;
  /** How a silent server is pinged; `false` for no pings. @default {} */
  readonly ping?: false | PingOptions | undefined;
  /**
   * Looks up the addresses of a host name, like `lookup` of node:net. Called for each attempt, so a client follows changes of a name.
   * @default dns.lookup
   */
  readonly lookup?: ConnectOptions['lookup'] | undefined;
  /** A function is called for each attempt; it may be async. */
  readonly tls?: Provided<NonNullable<ConnectOptions['tls']>> | undefined;
  /** HTTP headers of the WebSocket upgrade. A function is called for each attempt; it may be async. */
  readonly headers?: Provided<Readonly<Record<string, string>>> | undefined;
  /**
   * Opens the connections, instead of the transports for the schemes of the endpoints: another network, a test without sockets. The scheme,
   * host and port of an endpoint mean what the transport makes of them.
   * @default the transport of the endpoint's scheme
   */
  readonly transport?: ClientTransport | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
  /** Maximum length of a frame of the server in bytes, 64 or more. @default 1048576 */
  readonly maxFrame?: number | undefined;
  /** Closes the client when it aborts; pending requests reject with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Random numbers for delays, from 0 up to and without 1. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Redacts a message for step records. @default redactMessage */
  readonly redact?: ((message: WireMessage) => WireMessage) | undefined;
  /**
   * Attributes whose values are masked beside those that `redactMessage` masks, by the words of their names: `ssn` is found in `customerSsn`
   * too. Without effect where `redact` is given. @default []
   */
  readonly redactNames?: readonly string[] | undefined;
  /** The server's error numbers by name, where the site changed them. */
  readonly errorCodes?: Partial<ErrorCodes> | undefined;
}
