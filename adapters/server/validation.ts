import type { RequestRegisterClient } from '../../machines/index.js';
import { Abort } from './abort.js';
import { decide } from './decision.js';
import type { SessionHost } from './session-host.js';
import type { ValidationContext, Verdict } from './validator.js';

/** The validation of one registration. */
export class Validation {
  readonly #host: SessionHost;
  readonly #abort = new Abort();

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /**
   * Asks the validator, when it is this registration's turn.
   * @returns the verdict where the validator decides at once; else a promise of it, which after `abort` is of no consequence.
   */
  start(
    request: RequestRegisterClient,
    context: Omit<ValidationContext, 'signal'>,
  ): Verdict | Promise<Verdict> {
    const { validations } = this.#host;
    if (!validations.hasRoom) this.#host.met('maxValidations');
    return validations.run(this.#abort, () => {
      const { validator, validatorTimeout } = this.#host.settings;
      return decide(request, context, this.#abort, {
        validator,
        timeout: validatorTimeout,
        onProblem: (error) => this.#host.problem(error),
      });
    });
  }

  /** Nobody waits for the verdict any more. */
  abort(): void {
    this.#abort.abort();
  }
}
