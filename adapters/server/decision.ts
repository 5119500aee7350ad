import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import { IxgateError, toError } from '../runtime/errors.js';
import { isPromiseLike } from '../runtime/is-promise-like.js';
import type { Abort } from './abort.js';
import type { ValidationOutcome } from './server-counters.js';
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
  host: Pick<SessionHost, 'settings' | 'problem' | 'instrumentation' | 'validated'>,
): Verdict<unknown> | Promise<Verdict<unknown>> {
  const began = performance.now();
  const conclude = (outcome: ValidationOutcome, verdict: Verdict<unknown>) => {
    host.validated(outcome, performance.now() - began);
    return verdict;
  };
  const fail = (error: unknown): Verdict<unknown> => {
    host.problem(toError(error));
    return failed;
  };
  let answer: PromiseLike<ValidatorAnswer<unknown>>;
  try {
    const { instrumentation } = host;
    const ask = () => host.settings.validator(request, context);
    const given =
      instrumentation === null ? ask() : instrumentation.validate(context.session, request, ask);
    if (!isPromiseLike(given)) {
      const verdict = verdictFrom(given);
      return conclude(outcomeOf(verdict), verdict);
    }
    answer = given;
  } catch (error) {
    return conclude('failed', fail(error));
  }
  const { validatorTimeout } = host.settings;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Decided>((resolve) => {
    timer = setTimeout(() => {
      resolve(['timed-out', fail(new ValidatorTimeoutError(validatorTimeout))]);
      context.abort();
    }, validatorTimeout);
    context.signal.addEventListener('abort', () => resolve(['aborted', failed]), { once: true });
  });
  const decided = Promise.resolve(answer)
    .then(verdictFrom)
    .then(
      (verdict): Decided => [outcomeOf(verdict), verdict],
      // An error that a validator throws because it was aborted is not reported.
      (error: unknown): Decided =>
        context.aborted ? ['aborted', failed] : ['failed', fail(error)],
    );
  return Promise.race([decided, tooLate]).then(([outcome, verdict]) => {
    clearTimeout(timer);
    return conclude(outcome, verdict);
  });
}

type Decided = readonly [ValidationOutcome, Verdict<unknown>];

function outcomeOf({ valid }: Verdict<unknown>): ValidationOutcome {
  return valid ? 'granted' : 'refused';
}
