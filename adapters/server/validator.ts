/** Who may register. The decision is made outside the chart and enters it as EventAck or EventError. */
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import {
  abridged,
  type ErrorName,
  errorCodes,
  type RequestRegisterClient,
} from '../../machines/index.js';
import type { Connection } from '../net/transports/transport.js';

/** Who asks. */
export interface ConnectionInfo {
  readonly session: string;
  readonly scheme: Connection['scheme'];
  readonly remoteAddress: string;
  /** The client's verified certificate (mutual TLS), or null. */
  readonly certificate: PeerCertificate | DetailedPeerCertificate | null;
}

/** What is known of the connection that asks. */
export interface ValidationContext extends ConnectionInfo {
  /**
   * Aborted when the verdict is not needed any more: deadline, validator timeout, connection gone. Stop then: what goes on all the
   * same is not counted among `maxValidations` any longer.
   */
  readonly signal: AbortSignal;
}

export type Verdict =
  | {
      readonly valid: true;
      /**
       * How many sessions of this clientName may be registered at once, this one included. The server checks it at
       * the moment it grants, so that claims at the same time cannot both pass. Default: any number.
       */
      readonly cap?: number;
    }
  | {
      readonly valid: false;
      /** What the client reads after "client is not valid: ". */
      readonly reason: string;
      /** @default 'invalid-client' */
      readonly error?: ErrorName;
    };

/**
 * Decides on one registration. A validator that throws, or takes longer than `validatorTimeout`, refuses with
 * validation-failed; what it threw goes to the log and never to the client. `true` and `false` stand for a verdict without
 * particulars.
 */
export type Validator = (
  request: RequestRegisterClient,
  context: ValidationContext,
) => Verdict | boolean | Promise<Verdict | boolean>;

/** The registration is granted. */
export const valid: Verdict = { valid: true };

/** The registration is refused, with what the client is told. */
export function invalid(reason: string, error?: ErrorName): Verdict {
  return error ? { valid: false, reason, error } : { valid: false, reason };
}

/** The text of name-in-use. @param cap the maximum number of sessions with one name */
export function nameInUse(cap: number | undefined): string {
  return `name in use: ${cap} registered under this name already`;
}

/**
 * A verdict from what a validator gave.
 * @throws {TypeError} when it gave neither: a validator that forgets to answer has not said yes.
 */
export function verdictFrom(answer: Verdict | boolean): Verdict {
  if (answer === true) return valid;
  if (answer === false) return invalid('refused');
  if (answer?.valid === true) return granted(answer);
  if (answer?.valid === false) return refused(answer);
  throw new TypeError(`a validator gives true, false or a verdict, not ${abridged(answer)}`);
}

/** Validators are code of others: nothing of theirs comes into the gate, or on the wire, unchecked. */
function granted({ cap }: Verdict & { valid: true }): Verdict {
  if (cap === undefined) return valid;
  if (Number.isInteger(cap) && cap >= 1) return { valid: true, cap };
  throw new TypeError(`the cap of a verdict is a whole number from 1, not ${abridged(cap)}`);
}

function refused({ reason, error }: Verdict & { valid: false }): Verdict {
  if (typeof reason !== 'string') {
    throw new TypeError(`the reason of a verdict is a text, not ${abridged(reason)}`);
  }
  if (error === undefined || Object.hasOwn(errorCodes, error)) return invalid(reason, error);
  const names = Object.keys(errorCodes).join(', ');
  throw new TypeError(`the error of a verdict is one of ${names}, not ${abridged(error)}`);
}
