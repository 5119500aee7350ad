import { longestDelay } from '../../../machines/index.js';
import type { FrameLimits } from '../../net/wire/codec.js';
import { defaultFrameLimits } from '../../net/wire/fault.js';
import { OptionError } from '../../runtime/errors.js';
import { delays, type Range, wholeNumber } from '../../runtime/whole-number.js';
import type { AdmissionLimits, EarlyRefusal } from './admission.js';
import { descriptorLimit } from './descriptors.js';
import type { Rate } from './rate.js';
import { type PrefixLengths, SourceSet } from './source.js';

/** What strangers, messages and work may take. Every one has a default; durations are in milliseconds, sizes in bytes. */
export interface LimitOptions {
  /**
   * Connections in all; more are turned away. 1 or more, and never more than 256 below the limit of open files, which are kept for
   * files, viewers and farewells. @default 16384
   */
  readonly maxConnections?: number | undefined;
  /**
   * Connections that are not registered: from `from` on so many percent of the new ones are turned away at random, rising to all
   * at `full` (OpenSSH's MaxStartups). @default { from: 1000, percent: 30, full: 5000 }
   */
  readonly maxUnregistered?: EarlyRefusal | undefined;
  /** Connections of one address (IPv6: one /64) that are not registered; 1 or more. @default 128 */
  readonly maxUnregisteredPerAddress?: number | undefined;
  /** Connections of one block of addresses that are not registered; 1 or more. @default 512 */
  readonly maxUnregisteredPerPrefix?: number | undefined;
  /** Bits of an address that make the block it lies in: 0 to 32, 0 to 64. @default { ipv4: 24, ipv6: 48 } */
  readonly prefixLengths?: PrefixLengths | undefined;
  /**
   * Addresses and blocks of addresses without limit per address or block, rate and penalty, and not turned away while the event loop
   * is held up. `maxConnections` and `maxUnregistered` hold for them too.
   * @default ['127.0.0.0/8', '::1/128']
   */
  readonly exempt?: readonly string[] | undefined;
  /** Registrations of one address; more are answered with server-busy and may ask again. @default { perSecond: 20, burst: 100 } */
  readonly registrationRate?: Rate | undefined;
  /**
   * EventErrors to clients of one address that are not registered; then they are disconnected as too-many-errors.
   * @default { perSecond: 10, burst: 100 }
   */
  readonly errorRate?: Rate | undefined;
  /** Messages of one registered client; one that sends more is read later. null for no limit. @default null */
  readonly messageRate?: Rate | null | undefined;
  /** EventErrors to one client that is not registered; after the last it is disconnected as too-many-errors. @default 16 */
  readonly maxErrors?: number | undefined;
  /** Registrations that are validated at once; the others wait in order and their deadlines run. @default 64 */
  readonly maxValidations?: number | undefined;
  /** Longest frame, its line end not counted; 64 to 2147483647. @default 65536 */
  readonly maxFrame?: number | undefined;
  /** The same for clients that are not registered; never above `maxFrame`. @default 8192 */
  readonly maxFrameUnregistered?: number | undefined;
  /** Objects and lists within each other in a message, the message being the first; 1 or more. @default 32 */
  readonly maxDepth?: number | undefined;
  /** Attributes of a message, nested ones and the members of lists included; 1 or more. @default 256 */
  readonly maxAttributes?: number | undefined;
  /** Bytes that may wait to be written to one client; more, and it is disconnected as a slow-reader. @default 1048576 */
  readonly maxUnsent?: number | undefined;
  /** The same for clients that are not registered; never above `maxUnsent`. @default 65536 */
  readonly maxUnsentUnregistered?: number | undefined;
  /** How long bytes may wait for a client that takes none; then it is disconnected as a slow-reader. @default 10000 */
  readonly writeTimeout?: number | undefined;
  /**
   * How long messages of clients that are not registered may take of one turn of the event loop; the rest wait. A registered client waits
   * when its messages take more than a twentieth of the time; those that do may take 0.5 ms of a turn together. @default 5
   */
  readonly turnBudget?: number | undefined;
  /**
   * An event loop held up so long is overloaded: for a second new connections are turned away. It is looked at ten times a second, so a
   * hold-up may be seen as up to 100 ms shorter than it was. @default 500
   */
  readonly maxLag?: number | undefined;
  /** Penalty of an address whose client was refused as not valid and not registered after all; 0 for none. @default 5000 */
  readonly penaltyRefused?: number | undefined;
  /**
   * Penalty of an address whose client left without asking to register. A connection that the client closes without having sent a byte,
   * and a plain HTTP request on a ws or wss endpoint, are taken for health checks: 2 a second of each address (10 at once) draw none.
   * @default 1000
   */
  readonly penaltySilent?: number | undefined;
  /** Penalty of an address whose client did not register in time. @default 10000 */
  readonly penaltyTimeout?: number | undefined;
  /** Penalty of an address whose client sent an invalid frame, or caused too many errors. @default 10000 */
  readonly penaltyProtocolError?: number | undefined;
  /**
   * Penalties of an address add up; from here on its connections are turned away until they are served. Each penalty is divided by
   * 1 + the registered sessions of the address at that moment, so that one bad client behind NAT does not lock out the others.
   * @default 15000
   */
  readonly penaltyMin?: number | undefined;
  /** The most that penalties of an address add up to; not below `penaltyMin`. @default 600000 */
  readonly penaltyMax?: number | undefined;
  /** Addresses whose penalties are remembered; when there are more, the one that ends first is forgotten. @default 65536 */
  readonly penaltySources?: number | undefined;
}

/** The limits in force. */
export type Limits = {
  readonly [Key in keyof LimitOptions]-?: Exclude<LimitOptions[Key], undefined>;
} & AdmissionLimits;

/** What a limit that was met is called where it is counted: the option's own name. */
export type LimitName = keyof LimitOptions;

/** The defaults; `ixgate serve` has the same. */
export const defaultLimits: Limits = {
  maxConnections: 16_384,
  maxUnregistered: { from: 1_000, percent: 30, full: 5_000 },
  maxUnregisteredPerAddress: 128,
  maxUnregisteredPerPrefix: 512,
  prefixLengths: { ipv4: 24, ipv6: 48 },
  exempt: ['127.0.0.0/8', '::1/128'],
  registrationRate: { perSecond: 20, burst: 100 },
  errorRate: { perSecond: 10, burst: 100 },
  messageRate: null,
  maxErrors: 16,
  maxValidations: 64,
  ...defaultFrameLimits,
  maxFrameUnregistered: 8_192,
  maxUnsent: 1_048_576,
  maxUnsentUnregistered: 65_536,
  writeTimeout: 10_000,
  turnBudget: 5,
  maxLag: 500,
  penaltyRefused: 5_000,
  penaltySilent: 1_000,
  penaltyTimeout: 10_000,
  penaltyProtocolError: 10_000,
  penaltyMin: 15_000,
  penaltyMax: 600_000,
  penaltySources: 65_536,
};

/** Files and sockets that are kept for everything but clients, where the system allows twice as many. */
const reserve = 256;

const count = { min: 1, max: 1_000_000_000, unit: '' };
const size = { min: 64, max: longestDelay, unit: ' of bytes' };
const penalty = { ...delays, min: 0 };

const ranges = {
  maxConnections: count,
  maxUnregisteredPerAddress: count,
  maxUnregisteredPerPrefix: count,
  maxErrors: count,
  maxValidations: count,
  maxFrame: size,
  maxFrameUnregistered: size,
  maxDepth: count,
  maxAttributes: count,
  maxUnsent: size,
  maxUnsentUnregistered: size,
  writeTimeout: delays,
  turnBudget: delays,
  maxLag: delays,
  penaltyRefused: penalty,
  penaltySilent: penalty,
  penaltyTimeout: penalty,
  penaltyProtocolError: penalty,
  penaltyMin: penalty,
  penaltyMax: penalty,
  penaltySources: count,
} as const satisfies Partial<Record<LimitName, Range>>;

/** @throws {OptionError} naming the option, its value and what is allowed. */
export function limitsFrom(options: LimitOptions): Limits {
  const given = Object.entries(options).filter(
    ([key, value]) => Object.hasOwn(defaultLimits, key) && value !== undefined,
  );
  const limits: Limits = { ...defaultLimits, ...Object.fromEntries(given) };
  for (const [name, range] of Object.entries(ranges)) {
    wholeNumber(name, limits[name as keyof typeof ranges], range);
  }
  checkParts(limits);
  if (limits.penaltyMax < limits.penaltyMin) {
    const allowed = `penaltyMin (${limits.penaltyMin}) or more`;
    throw new OptionError('penaltyMax', limits.penaltyMax, allowed);
  }
  return {
    ...limits,
    maxConnections: Math.min(limits.maxConnections, mostConnections()),
    maxFrameUnregistered: Math.min(limits.maxFrameUnregistered, limits.maxFrame),
    maxUnsentUnregistered: Math.min(limits.maxUnsentUnregistered, limits.maxUnsent),
  };
}

/** What the frames of clients may be. */
export interface ClientFrames {
  readonly unregistered: FrameLimits;
  readonly registered: FrameLimits;
}

export function framesOf(limits: Limits): ClientFrames {
  const { maxFrame, maxFrameUnregistered, maxDepth, maxAttributes } = limits;
  return {
    unregistered: { maxFrame: maxFrameUnregistered, maxDepth, maxAttributes },
    registered: { maxFrame, maxDepth, maxAttributes },
  };
}

function checkParts(limits: Limits): void {
  const { maxUnregistered, prefixLengths, exempt } = limits;
  const { from, percent, full } = maxUnregistered;
  wholeNumber('maxUnregistered.from', from, count);
  wholeNumber('maxUnregistered.percent', percent, { min: 0, max: 100, unit: '' });
  wholeNumber('maxUnregistered.full', full, { ...count, min: from });
  wholeNumber('prefixLengths.ipv4', prefixLengths.ipv4, { min: 0, max: 32, unit: ' of bits' });
  wholeNumber('prefixLengths.ipv6', prefixLengths.ipv6, { min: 0, max: 64, unit: ' of bits' });
  for (const name of ['registrationRate', 'errorRate', 'messageRate'] as const) {
    const rate = limits[name];
    if (rate === null) continue;
    wholeNumber(`${name}.perSecond`, rate.perSecond, count);
    wholeNumber(`${name}.burst`, rate.burst, count);
  }
  try {
    new SourceSet(exempt);
  } catch (error) {
    throw new OptionError(
      'exempt',
      exempt,
      `a list of addresses and blocks; ${(error as Error).message}`,
    );
  }
}

function mostConnections(): number {
  const files = descriptorLimit();
  return files === null ? Number.POSITIVE_INFINITY : Math.max(1, files - reservedDescriptors());
}

/** Files and sockets that are kept for everything but clients: files, viewers, the admin port and farewells. */
export function reservedDescriptors(): number {
  const files = descriptorLimit() ?? Number.POSITIVE_INFINITY;
  return files > 2 * reserve ? reserve : Math.ceil(files / 2);
}
