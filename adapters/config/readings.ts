/** Schemas of the option table: each parses text that people write; its message lists the allowed values. */
import * as v from 'valibot';
import { SourceSet } from '../net/addresses/source-set.js';
import { TrustedProxies } from '../net/addresses/trusted-proxies.js';
import { hostFrom } from '../net/hosts.js';
import { originFrom } from '../net/transports/origin.js';
import {
  duration,
  durationsAllowed,
  InvalidValueError,
  parts,
  type Range,
  size,
  sizesAllowed,
  wholeNumber,
} from '../runtime/quantities.js';

/** A schema that parses with a function; `allowed` is the end of its error message. */
export function reads<Value>(allowed: string, read: (value: unknown) => Value) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Value>(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value);
      } catch (error) {
        const hint = error instanceof InvalidValueError ? error.message : (error as Error).message;
        addIssue({ message: hint === '' ? allowed : `${allowed}; ${hint}` });
        return NEVER;
      }
    }),
  );
}

export const durationOf = (range: Range) =>
  reads(durationsAllowed(range), (value) => duration(value, range));

export const sizeOf = (range: Range) => reads(sizesAllowed(range), (value) => size(value, range));

/** A whole number, written as a number or as text. */
export const numberOf = (min: number, max: number) =>
  reads(`a whole number from ${min} to ${max}`, (value) => wholeNumber(value, min, max));

export function choice<const Choices extends readonly [string, ...string[]]>(choices: Choices) {
  return v.picklist(choices, choices.join(', '));
}

const max = 1_000_000;

/** `20:100`: rate per second and burst. */
export const rate = reads(
  'N:BURST, rate per second and burst, each 1 to 1000000, e.g. 20:100',
  (value) => {
    const [perSecond = 0, burst = 0] = parts(value, 2, 1, max);
    return { perSecond, burst };
  },
);

/** `1000:30:5000`, like MaxStartups of OpenSSH. */
export const risingRefusal = reads(
  'FROM:PERCENT:FULL, FROM and FULL 1 to 1000000, PERCENT 0 to 100, FROM not above FULL, e.g. 1000:30:5000',
  (value) => {
    const [from = 0, percent = 0, full = 0] = parts(value, 3, 0, max);
    if (from < 1 || percent > 100 || full < from) throw new InvalidValueError('');
    return { from, percent, full };
  },
);

/** `24:48`: prefix lengths of the blocks of addresses, in bits. */
export const prefixLengths = reads('V4:V6, 0 to 32 and 0 to 64 bits, e.g. 24:48', (value) => {
  const [ipv4 = 0, ipv6 = 0] = parts(value, 2, 0, 64);
  if (ipv4 > 32) throw new InvalidValueError('');
  return { ipv4, ipv6 };
});

/** Origins of web pages as browsers send them, and `*`. */
export const origins = reads(
  'origins such as https://desk.example, or * for all pages',
  (value): string[] => {
    const list = (Array.isArray(value) ? value : [value]).map(String);
    return list.map((text) => {
      const origin = text === '*' ? text : originFrom(text);
      if (origin === null) throw new InvalidValueError(`${JSON.stringify(text)} is invalid`);
      return origin;
    });
  },
);

/** Host names for the Host header. */
export const hosts = reads('names without a port such as gate.example', (value): string[] => {
  const list = (Array.isArray(value) ? value : [value]).map(String);
  return list.map((text) => {
    const host = hostFrom(text);
    if (host === null) throw new InvalidValueError(`${JSON.stringify(text)} is invalid`);
    return host;
  });
});

/** Addresses and blocks of addresses; `none` and an empty list mean no addresses. */
export const sources = reads('addresses and blocks of addresses, or none', (value): string[] => {
  const list = (Array.isArray(value) ? value : [value]).map(String);
  if (list.length === 1 && list[0] === 'none') return [];
  // Throws and names the first invalid address.
  new SourceSet(list);
  return list;
});

/** Proxies: addresses, blocks of addresses, and `unix`. */
export const proxies = reads('addresses and blocks of addresses, or unix', (value): string[] => {
  const list = (Array.isArray(value) ? value : [value]).map(String);
  // Throws and names the first invalid address.
  new TrustedProxies(list);
  return list;
});
