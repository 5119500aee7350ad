import type { RequestRegisterClient } from '../../machines/index.js';
import { decide } from './decision.js';
import type { SessionHost } from './session-host.js';
import type { ValidationContext, Verdict } from './validator.js';

/** The validation of one session: one registration at a time. */
export class Validation {
  readonly #host: SessionHost;
  readonly #context: Omit<ValidationContext, 'signal'>;
  #controller: AbortController | null = null;

  constructor(host: SessionHost, context: Omit<ValidationContext, 'signal'>) {
    this.#host = host;
    this.#context = context;
  }

  /** Whether a verdict is waited for. */
  get isRunning(): boolean {
    return this.#controller !== null;
  }

  /**
   * Asks the validator, when it is this registration's turn.
   * @param decided hears the verdict: before this method returns where the validator decides at once (`later` is false then), and
   *   never after `abort`.
   */
  start(request: RequestRegisterClient, decided: (verdict: Verdict, later: boolean) => void): void {
    const controller = new AbortController();
    const verdict = this.#verdictOn(request, controller);
    if (!(verdict instanceof Promise)) {
      decided(verdict, false);
      return;
    }
    this.#controller = controller;
    void verdict.then((given) => {
      if (this.#controller !== controller) return;
      this.#controller = null;
      decided(given, true);
    });
  }

  /** Nobody waits for the verdict any more. */
  abort(): void {
    const controller = this.#controller;
    this.#controller = null;
    controller?.abort();
  }

  #verdictOn(
    request: RequestRegisterClient,
    controller: AbortController,
  ): Verdict | Promise<Verdict> {
    const { validations } = this.#host;
    if (!validations.hasRoom) this.#host.met('maxValidations');
    return validations.run(controller.signal, () => {
      const { validator, validatorTimeout } = this.#host.settings;
      return decide(request, this.#context, controller, {
        validator,
        timeout: validatorTimeout,
        onProblem: (error) => this.#host.problem(error),
      });
    });
  }
}
