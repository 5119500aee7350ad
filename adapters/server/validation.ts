import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import { Abort } from './abort.js';
import { decide } from './decision.js';
import type { SessionHost } from './session-host.js';
import type { ConnectionInfo, ValidationContext, Verdict } from './validator.js';

/** The validation of one registration; also the context that the validator gets. */
export class Validation extends Abort implements ValidationContext {
  readonly session: string;
  readonly scheme: ValidationContext['scheme'];
  readonly remoteAddress: string;
  readonly proxyAddress: string | null;
  readonly listener: string;
  readonly servername: string | null;
  readonly request: ValidationContext['request'];
  readonly certificate: ValidationContext['certificate'];
  readonly #host: SessionHost;

  constructor(info: ConnectionInfo, host: SessionHost) {
    super();
    this.session = info.session;
    this.scheme = info.scheme;
    this.remoteAddress = info.remoteAddress;
    this.proxyAddress = info.proxyAddress;
    this.listener = info.listener;
    this.servername = info.servername;
    this.request = info.request;
    this.certificate = info.certificate;
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
