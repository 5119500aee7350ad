import { longestDelay } from '../../../machines/text/clock.js';
import { defaultFrameLimits } from '../../net/wire/fault.js';
import { delays, type Range } from '../../runtime/whole-number.js';
import type { Rate } from './rate.js';
import type { PrefixLengths } from './source.js';

/**
 * OpenSSH's MaxStartups: below `from` no connection is rejected. From there on `percent` in a hundred are, rising to all of them at
 * `full`.
 */
export interface EarlyRefusal {
  readonly from: number;
  readonly percent: number;
  readonly full: number;
}

/** The type of a limit's value, by the kind of the limit. */
interface LimitValues {
  readonly count: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly rate: Rate;
  readonly 'early-refusal': EarlyRefusal;
  readonly 'prefix-lengths': PrefixLengths;
  readonly sources: readonly string[];
}
export type LimitKind = keyof LimitValues;

/** One limit: what the library, the command line and the docs state about it. */
export interface LimitRow {
  readonly kind: LimitKind;
  /** Its heading in the help of `ixgate serve`. */
  readonly group:
    | 'Timeouts'
    | 'Limits on unregistered clients'
    | 'Limits on messages'
    | 'Penalties';
  /** In bytes, milliseconds or a plain number; null for no limit. */
  readonly default: LimitValues[LimitKind] | null;
  /** The smallest value, where it is not that of the kind. */
  readonly min?: number;
  /** The greatest value that `ixgate serve` takes, where it is not that of the kind. The library takes more. */
  readonly serveMax?: number;
  /** The first clause names the limit; the others have what happens when a client reaches it. */
  readonly description: string;
  /** The default in words, where the value alone would be wrong. */
  readonly otherwise?: string;
}

/** The ranges of the kinds that are numbers. */
const ranges = {
  count: { min: 1, max: 1_000_000_000, unit: '' },
  size: { min: 64, max: longestDelay, unit: ' of bytes' },
  duration: delays,
} as const satisfies Partial<Record<LimitKind, Range>>;

/** The range of a limit that is a number; null for one that has several parts. */
export function rangeOf({ kind, min }: LimitRow): Range | null {
  if (!(kind in ranges)) return null;
  const range = ranges[kind as keyof typeof ranges];
  return min === undefined ? range : { ...range, min };
}

const penalty = { kind: 'duration', group: 'Penalties', min: 0 } as const;
const oneGiB = 1_073_741_824;

/**
 * Every limit of a gate, stated once. The options of `createServer`, their defaults and ranges, the flags of `ixgate serve` and the
 * tables of the docs are made from it. Durations are in milliseconds, sizes in bytes.
 */
export const limitTable = {
  writeTimeout: {
    kind: 'duration',
    group: 'Timeouts',
    default: 10_000,
    description:
      'longest time that bytes wait for a client that reads nothing; then the client is disconnected (slow-reader)',
  },
  turnBudget: {
    kind: 'duration',
    group: 'Timeouts',
    default: 5,
    description:
      'time that messages of unregistered clients may take of one turn of the event loop; the rest wait for the next turn. Registered clients whose messages take more than a twentieth of the time share 0.5 ms of a turn',
  },
  maxLag: {
    kind: 'duration',
    group: 'Timeouts',
    default: 500,
    description:
      'event-loop delay that counts as overload; for a second new connections are then rejected, except from exempt addresses, and /readyz is 503. A delay may be measured up to 100 ms too short',
  },
  maxConnections: {
    kind: 'count',
    group: 'Limits on unregistered clients',
    default: 16_384,
    description: 'maximum number of connections; more are rejected',
    otherwise: 'default 16384, or 256 below the limit of open files where that is less',
  },
  maxUnregistered: {
    kind: 'early-refusal',
    group: 'Limits on unregistered clients',
    default: { from: 1_000, percent: 30, full: 5_000 },
    description:
      'maximum number of unregistered connections; from FROM on PERCENT in a hundred of the new ones are rejected at random, rising to all at FULL',
  },
  maxUnregisteredPerAddress: {
    kind: 'count',
    group: 'Limits on unregistered clients',
    default: 128,
    description:
      'maximum number of unregistered connections from one address (IPv6: one /64); more are rejected',
  },
  maxUnregisteredPerPrefix: {
    kind: 'count',
    group: 'Limits on unregistered clients',
    default: 512,
    description:
      'maximum number of unregistered connections from one block of addresses; more are rejected',
  },
  prefixLengths: {
    kind: 'prefix-lengths',
    group: 'Limits on unregistered clients',
    default: { ipv4: 24, ipv6: 48 },
    description: 'leading bits that make a block of addresses, for IPv4 and IPv6',
  },
  exempt: {
    kind: 'sources',
    group: 'Limits on unregistered clients',
    default: ['127.0.0.0/8', '::1/128'],
    description:
      'addresses and blocks of addresses without limits per address or block, rates and penalties; accepted while the gate is overloaded. maxConnections and maxUnregistered apply to them too; may be repeated',
  },
  registrationRate: {
    kind: 'rate',
    group: 'Limits on unregistered clients',
    default: { perSecond: 20, burst: 100 },
    description:
      'registrations from one address, rate per second and burst; more are answered with EventError server-busy and may be repeated',
  },
  errorRate: {
    kind: 'rate',
    group: 'Limits on unregistered clients',
    default: { perSecond: 10, burst: 100 },
    description:
      'EventErrors to unregistered clients of one address, rate per second and burst; then the client is disconnected (too-many-errors)',
  },
  maxErrors: {
    kind: 'count',
    group: 'Limits on unregistered clients',
    default: 16,
    description:
      'maximum number of EventErrors to one unregistered client; after the last it is disconnected (too-many-errors)',
  },
  maxValidations: {
    kind: 'count',
    group: 'Limits on unregistered clients',
    default: 64,
    description:
      'maximum number of concurrent validations; other registrations wait in order and their deadlines run',
  },
  messageRate: {
    kind: 'rate',
    group: 'Limits on messages',
    default: null,
    description:
      'messages of one registered client, rate per second and burst; a client that sends more is read later',
    otherwise: 'default no limit',
  },
  proxyClients: {
    kind: 'count',
    group: 'Limits on messages',
    default: 0,
    min: 0,
    description:
      'maximum number of clients that one registered proxy carries on its connection, each with its own proxyClientId; 0 for none. A further client is answered with server-busy',
  },
  maxFrame: {
    kind: 'size',
    group: 'Limits on messages',
    default: defaultFrameLimits.maxFrame,
    serveMax: 67_108_864,
    description:
      'maximum length of a message, without its line end; a longer one gets EventError malformed-frame and the client is disconnected',
  },
  maxFrameUnregistered: {
    kind: 'size',
    group: 'Limits on messages',
    default: 8_192,
    serveMax: 67_108_864,
    description: 'maximum length of a message before registration; never above maxFrame',
  },
  maxDepth: {
    kind: 'count',
    group: 'Limits on messages',
    default: defaultFrameLimits.maxDepth,
    serveMax: 1_000,
    description:
      'maximum nesting of objects and lists in a message, the message included; a deeper one gets EventError malformed-frame and the client is disconnected',
  },
  maxAttributes: {
    kind: 'count',
    group: 'Limits on messages',
    default: defaultFrameLimits.maxAttributes,
    description:
      'maximum number of attributes in a message; nested attributes and list members count. One with more gets EventError malformed-frame and the client is disconnected',
  },
  maxUnsent: {
    kind: 'size',
    group: 'Limits on messages',
    default: 1_048_576,
    serveMax: oneGiB,
    description:
      'maximum number of bytes that wait to be written to one client; at more the client is disconnected (slow-reader)',
  },
  maxUnsentUnregistered: {
    kind: 'size',
    group: 'Limits on messages',
    default: 65_536,
    serveMax: oneGiB,
    description:
      'maximum number of bytes that wait to be written before registration; never above maxUnsent',
  },
  penaltyRefused: {
    ...penalty,
    default: 5_000,
    description:
      'penalty of an address whose client was refused as invalid and did not register, or failed the TLS handshake or WebSocket upgrade; 0ms for none',
  },
  penaltySilent: {
    ...penalty,
    default: 1_000,
    description:
      'penalty of an address whose client left without asking to register; 0ms for none. Health checks are free, 2 a second with a burst of 10: connections closed without a byte and, on ws and wss, plain HTTP requests',
  },
  penaltyTimeout: {
    ...penalty,
    default: 10_000,
    description:
      'penalty of an address whose client did not register in time, or read nothing; 0ms for none',
  },
  penaltyProtocolError: {
    ...penalty,
    default: 10_000,
    description:
      'penalty of an address whose client sent an invalid frame, or caused too many errors; 0ms for none',
  },
  penaltyMin: {
    ...penalty,
    default: 15_000,
    description:
      'sum of penalties from which the connections of an address are rejected, until the sum has passed with time; each penalty is divided by 1 + the registered sessions of the address, so that one bad client behind NAT does not lock out the others',
  },
  penaltyMax: {
    ...penalty,
    default: 600_000,
    description: 'maximum sum of penalties of an address; not below penaltyMin',
  },
  penaltySources: {
    kind: 'count',
    group: 'Penalties',
    default: 65_536,
    description:
      'maximum number of addresses whose penalties are remembered; a full table forgets the penalty that ends first',
  },
} as const satisfies Record<string, LimitRow>;

/** The name of a limit's option. */
export type LimitName = keyof typeof limitTable;

/** The value of a limit. */
export type LimitValue<Row extends LimitRow> =
  | LimitValues[Row['kind']]
  | (null extends Row['default'] ? null : never);

/** The limits of a gate as options. `limitTable` has the default and the description of each. */
export type LimitOptions = {
  readonly [Name in LimitName]?: LimitValue<(typeof limitTable)[Name]> | undefined;
};

/** The limits in force. */
export type Limits = {
  readonly [Name in LimitName]: LimitValue<(typeof limitTable)[Name]>;
};

/** All limits, in the order of the help. */
export const limitNames = Object.keys(limitTable) as readonly LimitName[];

/** The defaults; `ixgate serve` has the same. */
export const defaultLimits: Limits = Object.fromEntries<unknown>(
  limitNames.map((name) => [name, limitTable[name].default]),
) as never;
