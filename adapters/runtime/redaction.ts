import {
  type Redact,
  redactMessage,
  redactorFor,
} from '../../machines/registration/session/redaction.js';
import { OptionError } from './errors.js';
import { isRedactName, redactNamesAllowed } from './redact-names.js';

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
