import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import { IxgateError, toError } from '../runtime/errors.js';
import { isPromiseLike } from '../runtime/is-promise-like.js';
import type { Abort } from './abort.js';
import type { SessionHost } from './session-host.js';
import {
  invalid,
  type ValidationContext,
  type ValidatorAnswer,
  type Verdict,
  verdictFrom,
} from './validator.js';

/** The validator gave no verdict within `validatorTimeout`. */
export class ValidatorTimeoutError extends IxgateError {
  override readonly name = 'ValidatorTimeoutError';
  constructor(timeout: number) {
    super('VALIDATOR_TIMEOUT', `the validator gave no verdict within ${timeout} ms`);
  }
}

const failed = invalid('validation failed', 'validation-failed');

/**
 * Asks the validator for one verdict. A validator that throws, rejects or takes too long refuses with validation-failed. The verdict is
 * returned at once where the validator decides at once. The caller aborts `context` when the verdict is not needed any more; so does
 * the timeout. Errors of the validator go to `host` and never to the client.
 */
export function decide(
  request: RequestRegisterClient,
  context: ValidationContext & Abort,
  host: Pick<SessionHost, 'settings' | 'problem'>,
): Verdict<unknown> | Promise<Verdict<unknown>> {
  const fail = (error: unknown): Verdict<unknown> => {
    host.problem(toError(error));
    return failed;
  };
  let answer: PromiseLike<ValidatorAnswer<unknown>>;
  try {
    const given = host.settings.validator(request, context);
    if (!isPromiseLike(given)) return verdictFrom(given);
    answer = given;
  } catch (error) {
    return fail(error);
  }
  const { validatorTimeout } = host.settings;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Verdict<unknown>>((resolve) => {
    timer = setTimeout(() => {
      resolve(fail(new ValidatorTimeoutError(validatorTimeout)));
      context.abort();
    }, validatorTimeout);
    context.signal.addEventListener('abort', () => resolve(failed), { once: true });
  });
  const verdict = Promise.resolve(answer)
    .then(verdictFrom)
    .catch((error: unknown) => {
      // An error that a validator throws because it was aborted is not reported.
      return context.aborted ? failed : fail(error);
    });
  return Promise.race([verdict, tooLate]).finally(() => clearTimeout(timer));
}
