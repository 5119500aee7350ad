/** Who may register. The decision is made outside the chart and enters it as EventAck or EventError. */
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import type { ErrorName, RequestRegisterClient } from '../../machines/index.js';
import type { Connection } from '../transports/transport.js';

/** What is known of the connection that asks. */
export interface ValidationContext {
  readonly session: string;
  readonly scheme: Connection['scheme'];
  readonly remoteAddress: string;
  /** The client's verified certificate (mutual TLS), or null. */
  readonly certificate: PeerCertificate | DetailedPeerCertificate | null;
  /** Aborted when nobody waits for the verdict any more: deadline, validator timeout, connection gone. */
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

/**
 * A verdict from what a validator gave.
 * @throws {TypeError} when it gave neither: a validator that forgets to answer has not said yes.
 */
export function verdictFrom(answer: Verdict | boolean): Verdict {
  if (answer === true) return valid;
  if (answer === false) return invalid('refused');
  if (typeof answer?.valid === 'boolean') return answer;
  throw new TypeError(`a validator gives true, false or a verdict, not ${JSON.stringify(answer)}`);
}
