/** The arguments of requests: read from the query or from a JSON body, with the schema that the OpenAPI document shows. */
import { isIP } from 'node:net';
import { blockFrom } from '../net/addresses/source-set.js';
import { nearest } from '../runtime/nearest.js';
import {
  duration,
  durationsAllowed,
  InvalidValueError,
  type Range,
} from '../runtime/quantities.js';
import { badRequest } from './problem.js';

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** One argument. */
export interface Argument<Value> {
  readonly description: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
  /** @throws {InvalidValueError} with what is allowed; {ControlProblem} with a whole sentence */
  read(value: unknown): Value;
}

/** The arguments of a route, by name. */
export type Arguments = Readonly<Record<string, Argument<unknown>>>;

/** The values of arguments. */
export type Values<Args extends Arguments> = {
  readonly [Name in keyof Args]: Args[Name] extends Argument<infer Value> ? Value : never;
};

export function text(description: string, max: number): Argument<string> {
  return {
    description,
    isRequired: true,
    schema: { type: 'string', minLength: 1, maxLength: max },
    read(value) {
      if (typeof value === 'string' && value.length >= 1 && value.length <= max) return value;
      throw new InvalidValueError(`a text of 1 to ${max} characters`);
    },
  };
}

export function time(description: string, range: Range): Argument<number> {
  return {
    description,
    isRequired: true,
    schema: { type: 'string', pattern: '^\\d+(ms|s|m|h|d)$', examples: ['90s', '10m'] },
    read(value) {
      try {
        return duration(value, range);
      } catch (error) {
        const hint = (error as Error).message;
        throw new InvalidValueError(`${durationsAllowed(range)}${hint === '' ? '' : `; ${hint}`}`);
      }
    },
  };
}

/** A duration, or null for `forever`. */
export function timeOrForever(description: string, range: Range): Argument<number | null> {
  const limited = time(description, range);
  return {
    ...limited,
    schema: {
      type: 'string',
      pattern: '^(forever|\\d+(ms|s|m|h|d))$',
      examples: ['1h', 'forever'],
    },
    read(value) {
      if (value === 'forever') return null;
      try {
        return limited.read(value);
      } catch (error) {
        throw new InvalidValueError(`${(error as Error).message}, or forever`);
      }
    },
  };
}

export function count(description: string, min: number, max: number): Argument<number> {
  return {
    description,
    isRequired: true,
    schema: { type: 'integer', minimum: min, maximum: max },
    read(value) {
      const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
      if (Number.isInteger(number) && (number as number) >= min && (number as number) <= max) {
        return number as number;
      }
      throw new InvalidValueError(`a whole number from ${min} to ${max}`);
    },
  };
}

export function yesNo(description: string): Argument<boolean> {
  return {
    description,
    isRequired: true,
    schema: { type: 'boolean' },
    read(value) {
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      throw new InvalidValueError('true or false');
    },
  };
}

export function oneOf(description: string, choices: readonly string[]): Argument<string> {
  return {
    description,
    isRequired: true,
    schema: { type: 'string', enum: choices },
    read(value) {
      if (typeof value === 'string' && choices.includes(value)) return value;
      throw new InvalidValueError(choices.join(', '));
    },
  };
}

/** An address, or an address or a block. */
export function address(description: string, mayBeBlock: boolean): Argument<string> {
  return {
    description,
    isRequired: true,
    schema: { type: 'string', minLength: 2, maxLength: 64 },
    read(value) {
      const written = String(value).slice(0, 64);
      if (!mayBeBlock && isIP(written) === 0) {
        throw new InvalidValueError('an IPv4 or IPv6 address');
      }
      try {
        blockFrom(written);
        return written;
      } catch {
        throw new InvalidValueError('an address or a block such as 192.0.2.7 or 192.0.2.0/24');
      }
    },
  };
}

/** An argument that may be given several times; at most 32. @param isRequired whether there must be one */
export function several<Value>(
  one: Argument<Value>,
  isRequired: boolean,
): Argument<readonly Value[]> {
  const max = 32;
  return {
    description: one.description,
    isRequired,
    schema: { type: 'array', items: one.schema, minItems: isRequired ? 1 : 0, maxItems: max },
    read(value) {
      const all = value === undefined ? [] : [value].flat();
      if (all.length > max) throw new InvalidValueError(`at most ${max} of them`);
      return all.map((item) => one.read(item));
    },
  };
}

export function optional<Value>(one: Argument<Value>): Argument<Value | undefined> {
  return {
    ...one,
    isRequired: false,
    read: (value) => (value === undefined ? undefined : one.read(value)),
  };
}

/**
 * Reads all arguments.
 * @param given by name; a name that is given several times has a list
 * @throws {ControlProblem} 400 for a missing, an unknown or an invalid argument
 */
export function readArguments<Args extends Arguments>(
  args: Args,
  given: Readonly<Record<string, unknown>>,
): Values<Args> {
  const names = Object.keys(args);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, names);
    const allowed = names.length === 0 ? 'it takes none' : `allowed: ${names.join(', ')}`;
    const hint = near === null ? allowed : `did you mean ${near}?`;
    throw badRequest(`unknown argument ${JSON.stringify(unknown.slice(0, 64))}; ${hint}`);
  }
  const values = names.map((name) => {
    const one = args[name] as Argument<unknown>;
    const value = given[name];
    if (value === undefined && one.isRequired) {
      throw badRequest(`argument ${name} is missing: ${one.description}`);
    }
    try {
      return [name, one.read(value)];
    } catch (error) {
      if (!(error instanceof InvalidValueError)) throw error;
      const shown = JSON.stringify(value).slice(0, 100);
      throw badRequest(`${name} is ${shown}; allowed: ${error.message}`);
    }
  });
  return Object.fromEntries(values) as Values<Args>;
}
