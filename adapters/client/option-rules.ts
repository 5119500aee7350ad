/** The rules for the values of the client's options. */
import { errorCodes } from '../../machines/registration/chart/error-codes.js';
import { isWireMessage, registerClientRules } from '../../machines/registration/chart/messages.js';
import { longestDelay } from '../../machines/text/clock.js';
import { OptionError } from '../runtime/errors.js';
import { isRedactName, redactNamesAllowed } from '../runtime/redact-names.js';

export interface OptionRule {
  /** The allowed values, for errors. */
  readonly allowed: string;
  is(value: unknown): boolean;
  /** Used for an option that is not given. Without it the option stays undefined. */
  readonly default?: unknown;
  /** The option must be given. */
  readonly isRequired?: true;
  /** The value is not shown in errors. */
  readonly isSecret?: true;
}

export type OptionRules = Readonly<Record<string, OptionRule>>;

const range = (from: number, to: number): OptionRule => ({
  allowed: `milliseconds from ${from} to ${to}`,
  is: (value) => (value as number) >= from && (value as number) <= to && isNumber(value),
});
const orInfinity = ({ allowed, is }: OptionRule): OptionRule => ({
  allowed: `${allowed}, or Infinity`,
  is: (value) => value === Number.POSITIVE_INFINITY || is(value),
});
const isNumber = (value: unknown) => typeof value === 'number';
const whole = (from: number, allowed: string): OptionRule => ({
  allowed,
  is: (value) => Number.isInteger(value) && (value as number) >= from,
});
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFunction = (value: unknown) => typeof value === 'function';
export const withDefault = (rule: OptionRule, value: unknown): OptionRule => ({
  ...rule,
  default: value,
});

const delay = range(0, longestDelay);
const timeout = range(1, longestDelay);
/** The timeout of an answer; also the `timeout` of one request. */
export const responseTimeout = orInfinity(timeout);
const attempts = orInfinity(whole(1, 'a whole number from 1'));
/** The longest keep-alive delay of Linux, in milliseconds. */
export const silence = orInfinity(range(1_000, 32_767_000));
export const functionRule = (allowed: string): OptionRule => ({ allowed, is: isFunction });

export const reconnectRules: OptionRules = {
  initialDelay: withDefault(delay, 500),
  maxDelay: withDefault(delay, 30_000),
  spread: withDefault(delay, 12_000),
  maxAttempts: withDefault(attempts, Number.POSITIVE_INFINITY),
  retryRefused: {
    allowed: 'true or false',
    is: (value) => typeof value === 'boolean',
    default: false,
  },
};

export const pingRules: OptionRules = {
  interval: withDefault(timeout, 30_000),
  timeout: withDefault(timeout, 10_000),
  message: {
    allowed: 'a message without a referenceId',
    is: (value) => isWireMessage(value) && value.referenceId === undefined,
  },
};

/** An object of options, or `false`. */
const group = (rules: OptionRules): OptionRule => ({
  allowed: `false, or an object of ${Object.keys(rules).join(', ')}`,
  is: (value) => value === false || isObject(value),
  default: {},
});

const { clientName, clientType, mediaType, proxyClientId, extension } = registerClientRules;

export const errorCodeRules: OptionRules = Object.fromEntries(
  Object.keys(errorCodes).map((name) => [name, { allowed: 'a number', is: isNumber }]),
);

/** The rules of all platforms. */
export const commonRules: OptionRules = {
  // Checked later, one by one, with more precise errors.
  endpoints: { allowed: '', is: () => true },
  clientName: { ...clientName, isRequired: true },
  clientType: { ...clientType, isRequired: true },
  mediaType,
  proxyClientId,
  extension: {
    allowed: 'an object, or a function that gives one',
    is: (value) => isFunction(value) || extension.is(value),
    isSecret: true,
  },
  transport: {
    allowed: 'an object with a function connect',
    is: (value) => isFunction((value as { connect?: unknown } | null)?.connect),
  },
  connectTimeout: withDefault(timeout, 5_000),
  replyTimeout: withDefault(responseTimeout, 5_000),
  requestTimeout: withDefault(responseTimeout, 10_000),
  maxTimeouts: withDefault(attempts, 3),
  reconnect: group(reconnectRules),
  ping: group(pingRules),
  codec: {
    allowed: 'a Codec',
    is: (value) => isFunction((value as { createDecoder?: unknown } | null)?.createDecoder),
  },
  maxFrame: withDefault(whole(64, 'a whole number of bytes, 64 or more'), 1_048_576),
  signal: { allowed: 'an AbortSignal', is: (value) => value instanceof AbortSignal },
  random: functionRule('a function that gives 0 to 1'),
  redact: functionRule('a function'),
  redactNames: {
    allowed: redactNamesAllowed,
    is: (value) => Array.isArray(value) && value.every(isRedactName),
    default: [],
  },
  errorCodes: { allowed: 'an object of numbers', is: isObject, default: {} },
};

/** Replaces a value in an error that may be secret or cannot be shown. */
export const hidden = '***';

/**
 * Checks options and fills in the defaults.
 * @param path precedes the names in errors
 * @throws {OptionError} naming the option, its value and what is allowed
 */
export function checkOptions(
  given: unknown,
  rules: OptionRules,
  path = '',
): Record<string, unknown> {
  if (!isObject(given)) throw new OptionError('options', given, 'an object');
  const values = given as Record<string, unknown>;
  for (const name of Object.keys(values))
    if (values[name] !== undefined && !Object.hasOwn(rules, name))
      throw new OptionError(path + name, hidden, 'no option of this name');
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => {
      const value = values[name] === undefined ? rule.default : values[name];
      if (!(value === undefined && !rule.isRequired) && !rule.is(value))
        throw new OptionError(
          path + name,
          rule.isSecret && value !== undefined ? hidden : value,
          rule.allowed,
        );
      return [name, value];
    }),
  );
}
