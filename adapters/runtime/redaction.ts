import { type Redact, redactMessage, redactorFor } from '../../machines/index.js';
import { OptionError } from './errors.js';

/** The allowed values of `redactNames`, in words. */
export const redactNamesAllowed = 'names of attributes, each with a letter';

export function isRedactName(name: unknown): name is string {
  return typeof name === 'string' && /\p{L}/u.test(name);
}

/**
 * The redaction of messages with the option `redactNames`.
 * @throws {OptionError}
 */
export function redactionOf(names: readonly string[] = []): Redact {
  if (!Array.isArray(names) || !names.every(isRedactName)) {
    throw new OptionError('redactNames', names, redactNamesAllowed);
  }
  return names.length === 0 ? redactMessage : redactorFor(names);
}
