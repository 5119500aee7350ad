/** Schemas of the option table: each reads what people write, and its message says what is allowed. */
import * as v from 'valibot';
import { hostFrom } from '../net/hosts.js';
import { originFrom } from '../net/transports/origin.js';
import { SourceSet } from '../server/limits/index.js';
import {
  duration,
  durationsAllowed,
  InvalidValueError,
  parts,
  type Range,
  size,
  sizesAllowed,
  wholeNumber,
} from './quantities.js';

/** A schema that reads a value its own way; `allowed` ends what it says of a wrong one. */
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

/** A whole number, as one or as text. */
export const numberOf = (least: number, most: number) =>
  reads(`a whole number from ${least} to ${most}`, (value) => wholeNumber(value, least, most));

export function choice<const Choices extends readonly [string, ...string[]]>(choices: Choices) {
  return v.picklist(choices, choices.join(', '));
}

const most = 1_000_000;

/** `20:100`, so many a second and so many at once. */
export const rate = reads(
  'N:BURST, so many a second and so many at once, each 1 to 1000000, e.g. 20:100',
  (value) => {
    const [perSecond = 0, burst = 0] = parts(value, 2, 1, most);
    return { perSecond, burst };
  },
);

/** `1000:30:5000`, as OpenSSH's MaxStartups. */
export const risingRefusal = reads(
  'FROM:PERCENT:FULL, FROM and FULL 1 to 1000000, PERCENT 0 to 100, FROM not above FULL, e.g. 1000:30:5000',
  (value) => {
    const [from = 0, percent = 0, full = 0] = parts(value, 3, 0, most);
    if (from < 1 || percent > 100 || full < from) throw new InvalidValueError('');
    return { from, percent, full };
  },
);

/** `24:48`, how many bits of an address make the block it lies in. */
export const prefixLengths = reads('V4:V6, 0 to 32 and 0 to 64 bits, e.g. 24:48', (value) => {
  const [ipv4 = 0, ipv6 = 0] = parts(value, 2, 0, 64);
  if (ipv4 > 32) throw new InvalidValueError('');
  return { ipv4, ipv6 };
});

/** Origins of web pages, as browsers write them, and `*`. */
export const origins = reads(
  'origins such as https://desk.example, or * for all pages',
  (value): string[] => {
    const list = (Array.isArray(value) ? value : [value]).map(String);
    return list.map((text) => {
      const origin = text === '*' ? text : originFrom(text);
      if (origin === null) throw new InvalidValueError(`${JSON.stringify(text)} is none`);
      return origin;
    });
  },
);

/** Names that a Host header may have. */
export const hosts = reads('names without a port such as gate.example', (value): string[] => {
  const list = (Array.isArray(value) ? value : [value]).map(String);
  return list.map((text) => {
    const host = hostFrom(text);
    if (host === null) throw new InvalidValueError(`${JSON.stringify(text)} is invalid`);
    return host;
  });
});

/** Addresses and blocks of addresses; `none` and an empty list mean that there are none. */
export const sources = reads('addresses and blocks of addresses, or none', (value): string[] => {
  const list = (Array.isArray(value) ? value : [value]).map(String);
  if (list.length === 1 && list[0] === 'none') return [];
  // It throws for one that is wrong, and says which.
  new SourceSet(list);
  return list;
});
