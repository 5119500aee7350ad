import type { ErrorName } from '../../machines/registration/chart/error-codes.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { Admission, Limits } from './limits/index.js';
import type { CountedLimit } from './server-counters.js';

/** How a client that never registered behaved. */
export interface UnregisteredOutcome {
  readonly reason: DisconnectReason;
  /** It sent at least one byte. */
  readonly sent: boolean;
  /** It asked to register. */
  readonly asked: boolean;
  /** A registration of it was refused as invalid. */
  readonly invalid: boolean;
  /** It was sent EventError. */
  readonly erred: boolean;
}

/** What the limits of an unregistered client are checked with. */
export interface UnregisteredClientHost {
  readonly settings: { readonly limits: Pick<Limits, 'maxErrors'> };
  readonly admission: Admission;
  recordLimitHit(limit: CountedLimit): void;
}

/** The errors of an invalid client. Other errors concern the gate, or the order of the messages. */
const invalidClientErrors: ReadonlySet<ErrorName | null> = new Set([
  'invalid-client',
  'malformed-request',
]);
/** The errors after which the client is disconnected anyway. */
const finalErrors: ReadonlySet<ErrorName | null> = new Set([
  'malformed-frame',
  'shutting-down',
  'kicked',
]);

/** Records what a client does before it is registered, and limits the errors it may cause. */
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

  /** Number of EventErrors sent to it. */
  get errors(): number {
    return this.#errors;
  }

  /** Counts a registration. @returns whether the rate of its address allows it */
  asks(host: UnregisteredClientHost): boolean {
    this.#asked = true;
    if (host.admission.consumeRegistrationToken(this.#remoteAddress)) return true;
    host.recordLimitHit('registrationRate');
    return false;
  }

  /** Counts an EventError that was sent. */
  refused(errorName: ErrorName | null): void {
    this.#errors += 1;
    if (invalidClientErrors.has(errorName)) this.#invalid = true;
  }

  /** Counts a blank line, which is an error without an answer. @returns whether the client may stay */
  mayStayAfterBlank(host: UnregisteredClientHost): boolean {
    this.#blankLines += 1;
    return this.#hasErrorsLeft(host);
  }

  /** Whether the client may stay after an EventError. */
  mayStayAfterError(host: UnregisteredClientHost, errorName: ErrorName | null): boolean {
    if (finalErrors.has(errorName)) return true;
    return this.#hasErrorsLeft(host);
  }

  #hasErrorsLeft(host: UnregisteredClientHost): boolean {
    if (this.#errors + this.#blankLines >= host.settings.limits.maxErrors) {
      host.recordLimitHit('maxErrors');
    } else if (host.admission.consumeErrorToken(this.#remoteAddress)) return true;
    else host.recordLimitHit('errorRate');
    return false;
  }

  /** Its behaviour, when it ends without having been registered. */
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
