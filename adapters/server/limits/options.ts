import { SourceSet } from '../../net/addresses/source-set.js';
import type { FrameLimits } from '../../net/wire/codec.js';
import { OptionError } from '../../runtime/errors.js';
import { type Range, wholeNumber } from '../../runtime/whole-number.js';
import { descriptorLimit } from './descriptors.js';
import {
  defaultLimits,
  type LimitName,
  type LimitOptions,
  type LimitRow,
  type Limits,
  limitNames,
  limitTable,
  rangeOf,
} from './limit-table.js';

/** Descriptors that are reserved for other uses than clients, where the system allows twice as many. */
const reserve = 256;

/**
 * Checks the limits and fills in the defaults.
 * @throws {OptionError} naming the option, its value and what is allowed.
 */
export function limitsFrom(options: LimitOptions): Limits {
  const given = Object.entries(options).filter(
    ([key, value]) => Object.hasOwn(limitTable, key) && value !== undefined,
  );
  const limits: Limits = { ...defaultLimits, ...Object.fromEntries(given) };
  for (const name of limitNames) check(name, limits);
  if (limits.penaltyMax < limits.penaltyMin) {
    const allowed = `penaltyMin (${limits.penaltyMin}) or more`;
    throw new OptionError('penaltyMax', limits.penaltyMax, allowed);
  }
  return {
    ...limits,
    maxConnections: Math.min(limits.maxConnections, maxSockets()),
    maxFrameUnregistered: Math.min(limits.maxFrameUnregistered, limits.maxFrame),
    maxUnsentUnregistered: Math.min(limits.maxUnsentUnregistered, limits.maxUnsent),
  };
}

/** The limits of the frames of clients. */
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

const count: Range = { min: 1, max: 1_000_000_000, unit: '' };
const bits = { min: 0, unit: ' of bits' } as const;

function check(name: LimitName, limits: Limits): void {
  const row: LimitRow = limitTable[name];
  const range = rangeOf(row);
  if (range !== null) wholeNumber(name, limits[name], range);
  else if (name === 'maxUnregistered') {
    const { from, percent, full } = limits[name];
    wholeNumber('maxUnregistered.from', from, count);
    wholeNumber('maxUnregistered.percent', percent, { min: 0, max: 100, unit: '' });
    wholeNumber('maxUnregistered.full', full, { ...count, min: from });
  } else if (name === 'prefixLengths') {
    const { ipv4, ipv6 } = limits[name];
    wholeNumber('prefixLengths.ipv4', ipv4, { ...bits, max: 32 });
    wholeNumber('prefixLengths.ipv6', ipv6, { ...bits, max: 64 });
  } else if (name === 'exempt') checkSources(limits[name]);
  else if (name === 'registrationRate' || name === 'errorRate' || name === 'messageRate') {
    const rate = limits[name];
    if (rate === null) return;
    wholeNumber(`${name}.perSecond`, rate.perSecond, count);
    wholeNumber(`${name}.burst`, rate.burst, count);
  }
}

function checkSources(exempt: readonly string[]): void {
  try {
    new SourceSet(exempt);
  } catch (error) {
    const allowed = `a list of addresses and blocks; ${(error as Error).message}`;
    throw new OptionError('exempt', exempt, allowed);
  }
}

function maxSockets(): number {
  const files = descriptorLimit();
  return files === null ? Number.POSITIVE_INFINITY : Math.max(1, files - reservedDescriptors());
}

/** Descriptors that are reserved for files, viewers, the admin port and rejection notices. */
export function reservedDescriptors(): number {
  const files = descriptorLimit() ?? Number.POSITIVE_INFINITY;
  return files > 2 * reserve ? reserve : Math.ceil(files / 2);
}
