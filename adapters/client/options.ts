/** The client's options, checked at the door. */
import * as v from 'valibot';
import {
  type ClientType,
  type ErrorCodes,
  errorCodes,
  longestDelay,
  registerClientSchema,
  type SupervisorInput,
  type WireMessage,
} from '../../machines/index.js';
import { OptionError } from '../errors.js';
import { type Endpoint, formatEndpoint, parseEndpoint, schemes } from '../transports/endpoint.js';
import type { ConnectOptions } from '../transports/transport.js';
import type { Codec } from '../wire/codec.js';
import { jsonCodec } from '../wire/json-codec.js';

export interface ReconnectOptions {
  /** Ceiling of the first wait, in milliseconds, 0 to 2147483647; it doubles with each pass of the endpoints. @default 500 */
  readonly initialDelay?: number | undefined;
  /** Ceiling of every wait, in milliseconds, 0 to 2147483647. @default 30000 */
  readonly maxDelay?: number | undefined;
  /** Attempts that may fail in a row, 1 or more; a registration starts the count anew. @default Infinity */
  readonly maxAttempts?: number | undefined;
  /** Whether a refused client asks again. Refusals that pass (server-busy, shutting-down) are always tried again. @default false */
  readonly retryRefused?: boolean | undefined;
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
  readonly extension?: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds until a connection attempt is given up, 1 to 2147483647. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds the server may take to answer the registration, 1 to 2147483647 or Infinity. @default 5000 */
  readonly replyTimeout?: number | undefined;
  /** Milliseconds `request()` waits for its answer, 1 to 2147483647 or Infinity. @default 10000 */
  readonly requestTimeout?: number | undefined;
  /**
   * How the client comes back. `false`: each endpoint is tried once, and a lost connection stays lost.
   * @default {}
   */
  readonly reconnect?: false | ReconnectOptions | undefined;
  readonly tls?: ConnectOptions['tls'] | undefined;
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
  /** What the server's error numbers mean, where the site has re-numbered them. */
  readonly errorCodes?: Partial<ErrorCodes> | undefined;
}

/** The options with their defaults in. */
export interface ClientSettings {
  readonly endpoints: readonly Endpoint[];
  readonly clientName: string;
  /** RequestRegisterClient without its reference id. */
  readonly registration: WireMessage;
  readonly connectTimeout: number;
  readonly replyTimeout: number;
  readonly requestTimeout: number;
  readonly supervisor: SupervisorInput;
  readonly tls: ConnectOptions['tls'];
  readonly codec: Codec;
  readonly maxFrame: number;
  readonly signal: AbortSignal | undefined;
  readonly redact: ((message: WireMessage) => WireMessage) | undefined;
  readonly errorCodes: ErrorCodes;
}

/** A number within bounds; `message` is what the error says is allowed. */
const within = (minimum: number, maximum: number, message: string) =>
  v.pipe(
    v.number(message),
    v.check((value) => value >= minimum && value <= maximum, message),
  );
const orInfinity = (isAllowed: (value: number) => boolean, message: string) =>
  v.pipe(
    v.number(message),
    v.check((value) => isAllowed(value) || value === Number.POSITIVE_INFINITY, message),
  );
const delay = within(0, longestDelay, `milliseconds from 0 to ${longestDelay}`);
const timeout = within(1, longestDelay, `milliseconds from 1 to ${longestDelay}`);
/** How long an answer may take; also the `timeout` of one request. */
export const patience = orInfinity(
  (value) => value >= 1 && value <= longestDelay,
  `milliseconds from 1 to ${longestDelay}, or Infinity`,
);
const attempts = orInfinity(
  (value) => Number.isInteger(value) && value >= 1,
  'a whole number from 1, or Infinity',
);
const whole = (minimum: number, message: string) =>
  v.pipe(
    v.number(message),
    v.check((value) => Number.isInteger(value) && value >= minimum, message),
  );
const called = <T>(message: string) => v.custom<T>((value) => typeof value === 'function', message);
const { clientName, clientType, mediaType, proxyClientId, extension } =
  registerClientSchema.entries;

const endpointMessage = `text like tcp://host:7004 with a port from 1 to 65535, or { scheme: ${schemes.join(' | ')}, host, port, path }`;
const listMessage = `${endpointMessage}; or a list of one or more of them`;
const port = v.pipe(
  v.number(endpointMessage),
  v.integer(endpointMessage),
  v.minValue(1, endpointMessage),
  v.maxValue(65_535, endpointMessage),
);
const endpoint = v.union(
  [
    v.pipe(
      v.string(),
      // The text's own faults (EndpointError) say more than any schema could.
      v.transform(parseEndpoint),
      v.check(({ port }) => port > 0, endpointMessage),
    ),
    v.object({
      scheme: v.picklist(schemes),
      host: v.pipe(v.string(), v.nonEmpty()),
      port,
      path: v.optional(v.string(), '/'),
    }),
  ],
  endpointMessage,
);

const schema = v.strictObject({
  endpoints: v.union(
    [
      v.pipe(v.array(endpoint), v.minLength(1, listMessage)),
      v.pipe(
        endpoint,
        v.transform((one) => [one]),
      ),
    ],
    listMessage,
  ),
  clientName,
  clientType,
  mediaType,
  proxyClientId,
  extension,
  connectTimeout: v.optional(timeout, 5_000),
  replyTimeout: v.optional(patience, 5_000),
  requestTimeout: v.optional(patience, 10_000),
  reconnect: v.optional(
    v.union(
      [
        v.literal(false),
        v.strictObject({
          initialDelay: v.optional(delay, 500),
          maxDelay: v.optional(delay, 30_000),
          maxAttempts: v.optional(attempts, Number.POSITIVE_INFINITY),
          retryRefused: v.optional(v.boolean('true or false'), false),
        }),
      ],
      'false, or an object of initialDelay, maxDelay, maxAttempts, retryRefused',
    ),
    {},
  ),
  tls: v.optional(
    v.custom<ConnectOptions['tls']>(
      (value) => typeof value === 'object' && value !== null,
      'an object of cert, key, ca, servername, insecure',
    ),
  ),
  codec: v.optional(
    v.custom<Codec>(
      (value) => typeof (value as Codec | null)?.createDecoder === 'function',
      'a Codec',
    ),
    () => jsonCodec,
  ),
  maxFrame: v.optional(whole(64, 'a whole number of bytes, 64 or more'), 1_048_576),
  signal: v.optional(v.instance(AbortSignal, 'an AbortSignal')),
  random: v.optional(called<() => number>('a function that gives 0 to 1'), () => Math.random),
  redact: v.optional(called<(message: WireMessage) => WireMessage>('a function')),
  errorCodes: v.optional(v.record(v.picklist(Object.keys(errorCodes)), v.number('a number')), {}),
});

/**
 * Checks the options and fills in the defaults.
 * @throws {OptionError} naming the key, its value and what is allowed.
 * @throws {EndpointError}
 */
export function resolveOptions(options: ClientOptions): ClientSettings {
  const result = v.safeParse(schema, options);
  if (!result.success) throw optionError(result.issues[0]);
  const given = result.output;
  const registration: Record<string, unknown> & WireMessage = {
    messageName: 'RequestRegisterClient',
    clientName: given.clientName,
    clientType: given.clientType,
    ...(given.mediaType !== undefined && { mediaType: given.mediaType }),
    ...(given.proxyClientId !== undefined && { proxyClientId: given.proxyClientId }),
    ...(given.extension !== undefined && { extension: given.extension }),
  };
  const back = given.reconnect;
  return {
    endpoints: given.endpoints,
    clientName: given.clientName,
    registration: encodable(registration, given.codec),
    connectTimeout: given.connectTimeout,
    replyTimeout: given.replyTimeout,
    requestTimeout: given.requestTimeout,
    supervisor: {
      endpoints: given.endpoints.map(formatEndpoint),
      reconnect: back !== false,
      initialDelay: back === false ? 500 : back.initialDelay,
      maxDelay: back === false ? 30_000 : back.maxDelay,
      maxAttempts: back === false ? 1 : back.maxAttempts,
      retryRefused: back === false ? false : back.retryRefused,
      random: given.random,
    },
    tls: given.tls,
    codec: given.codec,
    maxFrame: given.maxFrame,
    signal: given.signal,
    redact: given.redact,
    errorCodes: { ...errorCodes, ...given.errorCodes },
  };
}

/** A copy that later changes of the caller's `extension` cannot reach, of which it is known that it can be sent. */
function encodable(registration: WireMessage, codec: Codec): WireMessage {
  try {
    const copy = structuredClone(registration);
    codec.encode({ ...copy, referenceId: 1 }, 'stream');
    return copy;
  } catch {
    throw new OptionError('extension', hidden, 'what the codec can encode');
  }
}

/** Stands in an error for a value that may be secret, or that cannot be shown. */
const hidden = '***';

/** The first issue as an error. Where there were alternatives, the one that found fault with a part knows best. */
function optionError(issue: v.BaseIssue<unknown>): OptionError {
  const inner = issue.issues?.find(({ path }) => path !== undefined);
  const { message, input, type } = inner ?? issue;
  const path = [...(issue.path ?? []), ...(inner?.path ?? [])].map(({ key }) => String(key));
  const key = path.join('.') || 'options';
  const secret = path[0] === 'tls' || path[0] === 'extension';
  const unknown = type === 'strict_object' && path.length > 0 && input !== undefined;
  const allowed = unknown ? 'no option of this name' : message;
  return new OptionError(key, secret && input !== undefined ? hidden : input, allowed);
}
