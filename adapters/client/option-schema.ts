/** What the client's options may be. */
import type { LookupFunction } from 'node:net';
import * as v from 'valibot';
import {
  errorCodes,
  isWireMessage,
  longestDelay,
  registerClientSchemas,
  type WireMessage,
} from '../../machines/index.js';
import { parseEndpoint, schemes } from '../net/transports/endpoint.js';
import type { ConnectOptions } from '../net/transports/transport.js';
import type { Codec } from '../net/wire/codec.js';
import { jsonCodec } from '../net/wire/json-codec.js';
import { isRedactName, redactNamesAllowed } from '../runtime/redaction.js';
import {
  headersAllowed,
  isHeaders,
  isTlsOptions,
  type Provided,
  tlsAllowed,
} from './provided-options.js';

/** The longest silence before a keep-alive that Linux takes, in milliseconds. */
const longestSilence = 32_767_000;

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
export const responseTimeout = orInfinity(
  (value) => value >= 1 && value <= longestDelay,
  `milliseconds from 1 to ${longestDelay}, or Infinity`,
);
const attempts = orInfinity(
  (value) => Number.isInteger(value) && value >= 1,
  'a whole number from 1, or Infinity',
);
const silence = orInfinity(
  (value) => value >= 1_000 && value <= longestSilence,
  `milliseconds from 1000 to ${longestSilence}, or Infinity`,
);
const question = v.custom<WireMessage>(
  (value) => isWireMessage(value) && value.referenceId === undefined,
  'a message without a referenceId',
);
const whole = (minimum: number, message: string) =>
  v.pipe(
    v.number(message),
    v.check((value) => Number.isInteger(value) && value >= minimum, message),
  );
const called = <T>(message: string) => v.custom<T>((value) => typeof value === 'function', message);
const { clientName, clientType, mediaType, proxyClientId, extension } = registerClientSchemas;

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

/** The options, with their defaults. */
export const optionSchema = v.strictObject({
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
  extension: v.optional(
    v.union(
      [called<() => unknown>('a function'), extension.wrapped],
      'an object, or a function that gives one',
    ),
  ),
  maxTimeouts: v.optional(attempts, 3),
  connectTimeout: v.optional(timeout, 5_000),
  replyTimeout: v.optional(responseTimeout, 5_000),
  requestTimeout: v.optional(responseTimeout, 10_000),
  reconnect: v.optional(
    v.union(
      [
        v.literal(false),
        v.strictObject({
          initialDelay: v.optional(delay, 500),
          maxDelay: v.optional(delay, 30_000),
          spread: v.optional(delay, 12_000),
          maxAttempts: v.optional(attempts, Number.POSITIVE_INFINITY),
          retryRefused: v.optional(v.boolean('true or false'), false),
        }),
      ],
      'false, or an object of initialDelay, maxDelay, spread, maxAttempts, retryRefused',
    ),
    {},
  ),
  keepAlive: v.optional(silence, 60_000),
  ping: v.optional(
    v.union(
      [
        v.literal(false),
        v.strictObject({
          interval: v.optional(timeout, 30_000),
          timeout: v.optional(timeout, 10_000),
          message: v.optional(question),
        }),
      ],
      'false, or an object of interval, timeout, message',
    ),
    {},
  ),
  lookup: v.optional(called<LookupFunction>('a function like lookup of node:dns')),
  tls: v.optional(
    v.custom<Provided<NonNullable<ConnectOptions['tls']>>>(
      (value) => typeof value === 'function' || isTlsOptions(value),
      `${tlsAllowed}, or a function that gives one`,
    ),
  ),
  headers: v.optional(
    v.custom<Provided<Readonly<Record<string, string>>>>(
      (value) => typeof value === 'function' || isHeaders(value),
      `${headersAllowed}, or a function that gives one`,
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
  redactNames: v.optional(
    v.custom<readonly string[]>(
      (value) => Array.isArray(value) && value.every(isRedactName),
      redactNamesAllowed,
    ),
  ),
  errorCodes: v.optional(v.record(v.picklist(Object.keys(errorCodes)), v.number('a number')), {}),
});
