import { OptionError } from '../runtime/errors.js';
import { type Validator, verdictFrom } from '../server/validator.js';

/**
 * Grants a registration if all `validators` grant it. They run in order; after the first refusal the rest are skipped. The smallest
 * cap applies, and the data of the last verdict that has any.
 * @throws {OptionError} without validators: use `permissive()` to grant all registrations.
 */
export function all<Data = undefined>(
  ...validators: readonly (Validator<Data> | Validator)[]
): Validator<Data> {
  if (validators.length === 0) {
    throw new OptionError('all(...)', [], 'one validator or more; permissive() grants everything');
  }
  return async (request, context) => {
    let cap = Number.POSITIVE_INFINITY;
    let data: unknown;
    for (const validator of validators) {
      context.signal.throwIfAborted();
      const verdict = verdictFrom(await validator(request, context));
      if (!verdict.valid) return verdict;
      cap = Math.min(cap, verdict.cap ?? cap);
      data = verdict.data ?? data;
    }
    return { valid: true, ...(Number.isFinite(cap) && { cap }), data: data as Data };
  };
}
