import { type Validator, valid } from '../server/validator.js';

/**
 * Grants every well-formed registration. The schema of the message has already checked that clientType is known and clientName is not
 * empty.
 */
export function permissive(): Validator {
  return () => valid;
}
