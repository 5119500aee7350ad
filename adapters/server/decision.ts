import type { RequestRegisterClient } from '../../machines/index.js';
import { errorFrom, IxgateError } from '../errors.js';
import type { Abort } from './abort.js';
import {
  invalid,
  type ValidationContext,
  type Validator,
  type Verdict,
  verdictFrom,
} from './validator.js';

/** The validator did not decide in time. */
export class ValidatorTimeoutError extends IxgateError {
  override readonly name = 'ValidatorTimeoutError';
  constructor(timeout: number) {
    super('VALIDATOR_TIMEOUT', `the validator gave no verdict within ${timeout} ms`);
  }
}

/** What is in force, and who hears what the validator threw; the client never does. */
interface Deciding {
  readonly settings: { readonly validator: Validator; readonly validatorTimeout: number };
  problem(error: Error): void;
}

const failed = invalid('validation failed', 'validation-failed');

/**
 * One verdict on one registration, always: a validator that throws, rejects or dawdles refuses with validation-failed.
 * The verdict comes at once where the validator decides at once. `context` is aborted by the caller when nobody waits
 * any more, and by the timeout.
 */
export function decide(
  request: RequestRegisterClient,
  context: ValidationContext & Abort,
  host: Deciding,
): Verdict | Promise<Verdict> {
  const fail = (error: unknown): Verdict => {
    host.problem(errorFrom(error));
    return failed;
  };
  let answer: PromiseLike<Verdict | boolean>;
  try {
    const given = host.settings.validator(request, context);
    if (!isPromise(given)) return verdictFrom(given);
    answer = given;
  } catch (error) {
    return fail(error);
  }
  const { validatorTimeout } = host.settings;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Verdict>((resolve) => {
    timer = setTimeout(() => {
      resolve(fail(new ValidatorTimeoutError(validatorTimeout)));
      context.abort();
    }, validatorTimeout);
    context.signal.addEventListener('abort', () => resolve(failed), { once: true });
  });
  const verdict = Promise.resolve(answer)
    .then(verdictFrom)
    .catch((error: unknown) => {
      // What a validator throws because it was told to stop is no news.
      return context.aborted ? failed : fail(error);
    });
  return Promise.race([verdict, tooLate]).finally(() => clearTimeout(timer));
}

function isPromise(answer: unknown): answer is PromiseLike<Verdict | boolean> {
  return typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
