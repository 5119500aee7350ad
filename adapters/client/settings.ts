/** The client's options, checked and with their defaults. */
import { type ErrorCodes, errorCodes } from '../../machines/registration/chart/error-codes.js';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { SupervisorInput } from '../../machines/registration/chart/supervisor-rules.js';
import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
  schemes,
} from '../net/transports/endpoint.js';
import type { ConnectOptions } from '../net/transports/transport.js';
import type { Codec } from '../net/wire/codec.js';
import { OptionError } from '../runtime/errors.js';
import { redactionOf } from '../runtime/redaction.js';
import { type ClientTransport, limited } from './client-transport.js';
import type { PingTerms } from './idle-check.js';
import {
  checkOptions,
  errorCodeRules,
  type OptionRules,
  pingRules,
  reconnectRules,
} from './option-rules.js';
import type { ClientOptions, ReconnectOptions } from './options.js';
import { encodable, type ProvidedOptions, providedOptions } from './provided-options.js';

/** The options with all defaults. */
export interface ClientSettings {
  readonly endpoints: readonly Endpoint[];
  readonly clientName: string;
  /** The options that may be functions; these are called for each attempt. */
  readonly provided: ProvidedOptions;
  readonly maxTimeouts: number;
  readonly connectTimeout: number;
  readonly replyTimeout: number;
  readonly requestTimeout: number;
  readonly supervisor: SupervisorInput;
  readonly keepAlive: number | undefined;
  /** Null for no pings. */
  readonly ping: PingTerms | null;
  readonly lookup: ConnectOptions['lookup'];
  readonly transport: ClientTransport;
  readonly codec: Codec;
  readonly maxFrame: number;
  readonly signal: AbortSignal | undefined;
  readonly redact: (message: WireMessage) => WireMessage;
  readonly errorCodes: ErrorCodes;
}

/** What a platform adds to the options. */
export interface PlatformOptions {
  readonly rules: OptionRules;
  readonly transport: ClientTransport;
  readonly codec: Codec;
  /** Throws when the transport of the platform cannot connect to an endpoint. */
  checkEndpoint?(endpoint: Endpoint): void;
}

/**
 * Checks the options and fills in the defaults.
 * @throws {OptionError} naming the key, its value and what is allowed.
 * @throws {EndpointError}
 */
export function settingsOf(options: ClientOptions, platform: PlatformOptions): ClientSettings {
  const given = checkOptions(options, platform.rules) as unknown as Required<ClientOptions>;
  const { clientName, clientType, mediaType, proxyClientId, codec = platform.codec } = given;
  const endpoints = endpointsOf(given.endpoints);
  if (!given.transport) for (const endpoint of endpoints) platform.checkEndpoint?.(endpoint);
  const { reconnect, ping } = given;
  const back = checkOptions(
    reconnect || {},
    reconnectRules,
    'reconnect.',
  ) as unknown as Required<ReconnectOptions>;
  const terms = checkOptions(ping || {}, pingRules, 'ping.') as unknown as PingTerms;
  return {
    ...given,
    endpoints,
    provided: providedOptions(
      {
        messageName: 'RequestRegisterClient',
        clientName,
        clientType,
        ...(mediaType !== undefined && { mediaType }),
        ...(proxyClientId !== undefined && { proxyClientId }),
      },
      { ...given, codec },
    ),
    supervisor: {
      ...(back as typeof back & { maxAttempts: number }),
      endpoints: endpoints.map(formatEndpoint),
      reconnect: reconnect !== false,
      random: given.random ?? Math.random,
    },
    ping:
      ping === false
        ? null
        : {
            ...terms,
            message: terms.message && encodable('ping.message', terms.message, codec),
          },
    transport: given.transport ? limited(given.transport) : platform.transport,
    codec,
    redact: given.redact ?? redactionOf(given.redactNames),
    errorCodes: {
      ...errorCodes,
      ...definedIn(checkOptions(given.errorCodes, errorCodeRules, 'errorCodes.')),
    },
  } as ClientSettings;
}

function definedIn(codes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(codes).filter(([, code]) => code !== undefined));
}

const endpointAllowed = `text like tcp://host:7004 with a port from 1 to 65535, unix:///path, or { scheme: ${schemes.join(' | ')}, host, port, path }; or a list of one or more of them`;

function endpointsOf(given: unknown): readonly Endpoint[] {
  if (!Array.isArray(given)) return [endpointOf(given, 'endpoints')];
  if (given.length === 0) throw new OptionError('endpoints', given, endpointAllowed);
  return given.map((one, index) => endpointOf(one, `endpoints.${index}`));
}

/** An EndpointError is more precise than an OptionError. */
function endpointOf(given: unknown, option: string): Endpoint {
  const endpoint = typeof given === 'string' ? parseEndpoint(given) : given;
  const unix = endpoint as Partial<Endpoint> | null | undefined;
  if (unix?.scheme === 'unix' && typeof unix.path === 'string')
    return parseEndpoint(`unix://${unix.path}`);
  const { scheme, host, port, path = '/' } = (endpoint ?? {}) as Partial<Endpoint>;
  const isPort = Number.isInteger(port) && (port as number) > 0 && (port as number) < 65_536;
  if (
    !schemes.some((one) => one === scheme) ||
    typeof host !== 'string' ||
    host === '' ||
    typeof path !== 'string'
  )
    throw new OptionError(option, given, endpointAllowed);
  if (!isPort)
    throw new OptionError(
      typeof given === 'string' ? option : `${option}.port`,
      typeof given === 'string' ? given : port,
      endpointAllowed,
    );
  return { scheme, host, port, path } as Endpoint;
}
