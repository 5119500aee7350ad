import type { DisconnectReason, ErrorName } from '../../machines/index.js';
import type { SessionHost } from './session-host.js';

/** How a client that never registered behaved. */
export interface UnregisteredOutcome {
  readonly reason: DisconnectReason;
  /** It sent at least one byte. */
  readonly sent: boolean;
  /** It asked to register. */
  readonly asked: boolean;
  /** It was found not valid. */
  readonly invalid: boolean;
  /** It was sent EventError. */
  readonly erred: boolean;
}

/** The refusals that say that a client is not valid; the others say something of the gate, or of the order of its messages. */
const notValid: ReadonlySet<ErrorName | null> = new Set(['invalid-client', 'malformed-request']);
/** Those that are followed by the end anyway. */
const lastWords: ReadonlySet<ErrorName | null> = new Set(['malformed-frame', 'shutting-down']);

/** What a client does before it is registered, and how many errors it may cause. */
export class UnregisteredClient {
  readonly #remoteAddress: string;
  /** The client sent at least one byte. */
  hasSent = false;
  #errors = 0;
  #blankLines = 0;
  #asked = false;
  #invalid = false;

  constructor(remoteAddress: string) {
    this.#remoteAddress = remoteAddress;
  }

  /** EventErrors that it was sent. */
  get errors(): number {
    return this.#errors;
  }

  /** It asks to register. @returns whether its address may, now. */
  asks(host: SessionHost): boolean {
    this.#asked = true;
    if (host.admission.consumeRegistrationToken(this.#remoteAddress)) return true;
    host.recordLimitHit('registrationRate');
    return false;
  }

  /** It was sent EventError. */
  refused(errorName: ErrorName | null): void {
    this.#errors += 1;
    if (notValid.has(errorName)) this.#invalid = true;
  }

  /** It sent a blank line: that counts as an error that is not answered. @returns whether it may stay */
  mayStayAfterBlank(host: SessionHost): boolean {
    this.#blankLines += 1;
    return this.#hasErrorsLeft(host);
  }

  /** Whether it may be sent one more after that one. */
  mayStayAfterError(host: SessionHost, errorName: ErrorName | null): boolean {
    if (lastWords.has(errorName)) return true;
    return this.#hasErrorsLeft(host);
  }

  #hasErrorsLeft(host: SessionHost): boolean {
    if (this.#errors + this.#blankLines >= host.settings.limits.maxErrors)
      host.recordLimitHit('maxErrors');
    else if (host.admission.consumeErrorToken(this.#remoteAddress)) return true;
    else host.recordLimitHit('errorRate');
    return false;
  }

  /** What is held against it when it ends without having been registered. */
  outcome(reason: DisconnectReason): UnregisteredOutcome {
    return {
      reason,
      sent: this.hasSent,
      asked: this.#asked,
      invalid: this.#invalid,
      erred: this.#errors > 0,
    };
  }
}
