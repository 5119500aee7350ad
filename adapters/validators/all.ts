import { OptionError } from '../runtime/errors.js';
import { type Validator, valid, verdictFrom } from '../server/validator.js';

/**
 * Grants what every one of `validators` grants. They are asked one after the other; the first refusal is the answer and the
 * rest are not asked. Of several caps the smallest counts.
 * @throws {OptionError} without validators: a door with no guard is `permissive()`, and says so.
 */
export function all(...validators: readonly Validator[]): Validator {
  if (validators.length === 0) {
    throw new OptionError('all(...)', [], 'one validator or more; permissive() grants everything');
  }
  return async (request, context) => {
    let cap = Number.POSITIVE_INFINITY;
    for (const validator of validators) {
      context.signal.throwIfAborted();
      const verdict = verdictFrom(await validator(request, context));
      if (!verdict.valid) return verdict;
      cap = Math.min(cap, verdict.cap ?? cap);
    }
    return Number.isFinite(cap) ? { valid: true, cap } : valid;
  };
}
