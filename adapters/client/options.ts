/** The client's options, checked at the door. */
import * as v from 'valibot';
import {
  type ClientType,
  type ErrorCodes,
  errorCodes,
  type SupervisorInput,
  type WireMessage,
} from '../../machines/index.js';
import { type Endpoint, formatEndpoint } from '../net/transports/endpoint.js';
import type { ConnectOptions } from '../net/transports/transport.js';
import type { Codec } from '../net/wire/codec.js';
import { OptionError } from '../runtime/errors.js';
import { redactionOf } from '../runtime/redaction.js';
import type { PingTerms } from './idle-check.js';
import { optionSchema } from './option-schema.js';
import {
  encodable,
  hidden,
  type Provided,
  type ProvidedOptions,
  providedOptions,
} from './provided-options.js';

export interface ReconnectOptions {
  /** Ceiling of the first wait, in milliseconds, 0 to 2147483647; it doubles with each pass of the endpoints. @default 500 */
  readonly initialDelay?: number | undefined;
  /** Ceiling of every wait, in milliseconds, 0 to 2147483647. @default 30000 */
  readonly maxDelay?: number | undefined;
  /**
   * Ceiling of the first wait after a registration was lost, in milliseconds, 0 to 2147483647; it doubles as `initialDelay`
   * does. Everybody at that server has lost it in the same moment: with the default, of 1,000 clients no more than a fifth come
   * back in one second. 0 for a client that is the only one. Where `initialDelay` gives a longer wait, that holds.
   * @default 12000
   */
  readonly spread?: number | undefined;
  /** Attempts that may fail in a row, 1 or more; a registration resets the count. @default Infinity */
  readonly maxAttempts?: number | undefined;
  /** Whether a refused client asks again. Transient errors (`errorTable`) are always retried. @default false */
  readonly retryRefused?: boolean | undefined;
}

/**
 * How a registered client notices that its server has gone without a word (a cable that was pulled, a process that hangs, a
 * firewall that has forgotten the connection): when it has heard nothing for `interval` it asks for a sign of life, and when
 * nothing comes within `timeout` the connection ends as transport-error, with PingTimeoutError as the cause. Whatever the server
 * sends is a sign of life; over WebSocket, a whole message.
 *
 * Over WebSocket it asks with the transport's own ping. Over TCP and TLS the protocol has none: there it asks with `message`, and
 * without one it does not ask; `keepAlive` is all there is.
 */
export interface PingOptions {
  /** Milliseconds of silence, 1 to 2147483647. @default 30000 */
  readonly interval?: number | undefined;
  /** Milliseconds the sign of life may take, 1 to 2147483647. @default 10000 */
  readonly timeout?: number | undefined;
  /**
   * A request that the service answers with anything, EventError included; used over TCP and TLS. It gets a reference id of its
   * own, and its answer is no `event`. Not before the answer to the last one has come is another sent.
   */
  readonly message?: WireMessage | undefined;
}

export interface ClientOptions {
  /** Where to connect, e.g. `tcp://127.0.0.1:7004`. Several are tried in turn (warm standby). */
  readonly endpoints: string | Endpoint | readonly (string | Endpoint)[];
  /** 1 to 255 characters. */
  readonly clientName: string;
  readonly clientType: ClientType;
  readonly mediaType?: string | undefined;
  /** int32 */
  readonly proxyClientId?: number | undefined;
  /** A function is called for each attempt, e.g. for a token that expires; it may be async. */
  readonly extension?: Provided<Readonly<Record<string, unknown>>> | undefined;
  /** Milliseconds until a connection attempt is given up, 1 to 2147483647. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds the server may take to answer the registration, 1 to 2147483647 or Infinity. @default 5000 */
  readonly replyTimeout?: number | undefined;
  /** Milliseconds `request()` waits for its answer, 1 to 2147483647 or Infinity. @default 10000 */
  readonly requestTimeout?: number | undefined;
  /**
   * Requests that may time out in a row while the server sends nothing; 1 or more, or Infinity. Then the connection ends as
   * transport-error, with ServerSilentError as the cause, and the next endpoint is tried first.
   * @default 3
   */
  readonly maxTimeouts?: number | undefined;
  /**
   * How the client comes back. `false`: each endpoint is tried once, and a lost connection stays lost.
   * @default {}
   */
  readonly reconnect?: false | ReconnectOptions | undefined;
  /**
   * Milliseconds of silence after which the system asks the server's system for a sign of life (TCP keep-alive), 1000 to
   * 32767000, the fraction of a second dropped; Infinity for never. It notices a machine that is gone, not a process that hangs.
   * @default 60000
   */
  readonly keepAlive?: number | undefined;
  /** How a server that is silent is asked whether it is still there; `false` for not at all. @default {} */
  readonly ping?: false | PingOptions | undefined;
  /**
   * Finds the addresses of a host name, as `lookup` of node:net does. Called for each attempt, so that a client follows a
   * name that moves.
   * @default dns.lookup
   */
  readonly lookup?: ConnectOptions['lookup'] | undefined;
  /** A function is called for each attempt; it may be async. */
  readonly tls?: Provided<NonNullable<ConnectOptions['tls']>> | undefined;
  /** HTTP headers of the WebSocket upgrade. A function is called for each attempt; it may be async. */
  readonly headers?: Provided<Readonly<Record<string, string>>> | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
  /** Longest frame of the server in bytes, 64 or more. @default 1048576 */
  readonly maxFrame?: number | undefined;
  /** Closes the client when it aborts; everything pending rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Draws the waiting times, from 0 up to and without 1. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Makes a message fit to be shown in a step record. @default redactMessage */
  readonly redact?: ((message: WireMessage) => WireMessage) | undefined;
  /**
   * Attributes whose values are masked beside those that `redactMessage` masks, by the words of their names: `ssn` is found in `customerSsn`
   * too. Without effect where `redact` is given. @default []
   */
  readonly redactNames?: readonly string[] | undefined;
  /** What the server's error numbers mean, where the site has re-numbered them. */
  readonly errorCodes?: Partial<ErrorCodes> | undefined;
}

/** The options with their defaults in. */
export interface ClientSettings {
  readonly endpoints: readonly Endpoint[];
  readonly clientName: string;
  /** The options that are functions: they are called again for each attempt. */
  readonly provided: ProvidedOptions;
  readonly maxTimeouts: number;
  readonly connectTimeout: number;
  readonly replyTimeout: number;
  readonly requestTimeout: number;
  readonly supervisor: SupervisorInput;
  readonly keepAlive: number;
  /** Null for not at all. */
  readonly ping: PingTerms | null;
  readonly lookup: ConnectOptions['lookup'];
  readonly codec: Codec;
  readonly maxFrame: number;
  readonly signal: AbortSignal | undefined;
  readonly redact: (message: WireMessage) => WireMessage;
  readonly errorCodes: ErrorCodes;
}

/**
 * Checks the options and fills in the defaults.
 * @throws {OptionError} naming the key, its value and what is allowed.
 * @throws {EndpointError}
 */
export function resolveOptions(options: ClientOptions): ClientSettings {
  const result = v.safeParse(optionSchema, options);
  if (!result.success) throw optionError(result.issues[0]);
  const given = result.output;
  const registration: Record<string, unknown> & WireMessage = {
    messageName: 'RequestRegisterClient',
    clientName: given.clientName,
    clientType: given.clientType,
    ...(given.mediaType !== undefined && { mediaType: given.mediaType }),
    ...(given.proxyClientId !== undefined && { proxyClientId: given.proxyClientId }),
  };
  const back = given.reconnect;
  return {
    endpoints: given.endpoints,
    clientName: given.clientName,
    provided: providedOptions(registration, given),
    maxTimeouts: given.maxTimeouts,
    connectTimeout: given.connectTimeout,
    replyTimeout: given.replyTimeout,
    requestTimeout: given.requestTimeout,
    supervisor: {
      endpoints: given.endpoints.map(formatEndpoint),
      reconnect: back !== false,
      initialDelay: back === false ? 500 : back.initialDelay,
      maxDelay: back === false ? 30_000 : back.maxDelay,
      spread: back === false ? 12_000 : back.spread,
      maxAttempts: back === false ? 1 : back.maxAttempts,
      retryRefused: back === false ? false : back.retryRefused,
      random: given.random,
    },
    keepAlive: given.keepAlive,
    ping: given.ping === false ? null : pingTerms(given.ping, given.codec),
    lookup: given.lookup,
    codec: given.codec,
    maxFrame: given.maxFrame,
    signal: given.signal,
    redact: given.redact ?? redactionOf(given.redactNames),
    errorCodes: { ...errorCodes, ...given.errorCodes },
  };
}

function pingTerms({ message, ...times }: PingTerms, codec: Codec): PingTerms {
  return { ...times, message: message && encodable('ping.message', message, codec) };
}

/** The first issue as an error. Where there were alternatives, the one that found fault with a part knows best. */
function optionError(issue: v.BaseIssue<unknown>): OptionError {
  const inner = issue.issues?.find(({ path }) => path !== undefined);
  const { message, input, type } = inner ?? issue;
  const path = [...(issue.path ?? []), ...(inner?.path ?? [])].map(({ key }) => String(key));
  const key = path.join('.') || 'options';
  const secret = ['tls', 'extension', 'headers'].includes(path[0] ?? '');
  const unknown = type === 'strict_object' && path.length > 0 && input !== undefined;
  const allowed = unknown ? 'no option of this name' : message;
  return new OptionError(key, secret && input !== undefined ? hidden : input, allowed);
}
