import type { RequestRegisterClient } from '../../machines/index.js';
import { Abort } from './abort.js';
import { decide } from './decision.js';
import type { SessionHost } from './session-host.js';
import type { ConnectionInfo, ValidationContext, Verdict } from './validator.js';

/** The validation of one registration; also the context that the validator gets. */
export class Validation extends Abort implements ValidationContext {
  readonly session: string;
  readonly scheme: ValidationContext['scheme'];
  readonly remoteAddress: string;
  readonly certificate: ValidationContext['certificate'];
  readonly #host: SessionHost;

  constructor({ session, scheme, remoteAddress, certificate }: ConnectionInfo, host: SessionHost) {
    super();
    this.session = session;
    this.scheme = scheme;
    this.remoteAddress = remoteAddress;
    this.certificate = certificate;
    this.#host = host;
  }

  /**
   * Asks the validator when a validation may start.
   * @returns the verdict, where the validator decides at once; else a promise of it. After `abort` the verdict is ignored
   */
  start(request: RequestRegisterClient): Verdict<unknown> | Promise<Verdict<unknown>> {
    const { validations } = this.#host;
    if (!validations.hasRoom) this.#host.recordLimitHit('maxValidations');
    return validations.run(this, () => decide(request, this, this.#host));
  }
}
