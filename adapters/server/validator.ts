/** Decides who may register. The decision is made outside the chart and enters it as EventAck or EventError. */
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import { type ErrorName, errorCodes } from '../../machines/registration/chart/error-codes.js';
import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import { abridged } from '../../machines/text/format.js';
import type { Connection } from '../net/transports/transport.js';
import type { UpgradeRequest } from '../net/transports/upgrade-request.js';

/** The connection of a client that asks to register. */
export interface ConnectionInfo {
  readonly session: string;
  readonly scheme: Connection['scheme'];
  /** The client's address. Behind a trusted proxy it is the address that the proxy stated. */
  readonly remoteAddress: string;
  /** The address of the trusted proxy that stated `remoteAddress`; null without a proxy. */
  readonly proxyAddress: string | null;
  /** The endpoint of the listener, e.g. `tls://0.0.0.0:7004`, or the name given to `attach` or `accept`. */
  readonly listener: string;
  /** The server name that the client asked for (SNI); null without TLS or without a name. */
  readonly servername: string | null;
  /** The request that opened a WebSocket; null on other transports. It may contain secrets, so it is never recorded or logged. */
  readonly request: UpgradeRequest | null;
  /** The client's verified certificate (mutual TLS), or null. */
  readonly certificate: PeerCertificate | DetailedPeerCertificate | null;
}

/** What a validator knows of the connection that asks to register. */
export interface ValidationContext extends ConnectionInfo {
  /**
   * Aborted when the verdict is not needed any more: at the deadline, after the validator timeout, or when the connection is gone. Stop
   * then: a validation that goes on does not count for `maxValidations` any more.
   */
  readonly signal: AbortSignal;
}

/** A verdict that grants a registration. */
export interface Granted {
  readonly valid: true;
  /**
   * Maximum number of registered sessions of this clientName, this one included. The server checks it when it grants, so two
   * claims at the same time cannot both pass. @default any number
   */
  readonly cap?: number;
}

/** A verdict that refuses a registration. */
export interface Refused {
  readonly valid: false;
  /** The text that the client gets after "client is not valid: ". */
  readonly reason: string;
  /** @default 'invalid-client' */
  readonly error?: ErrorName;
}

/** A verdict. `data` is what the service wants to know about the client: it becomes `session.data`. */
export type Verdict<Data = undefined> =
  | (Granted & { readonly data: Data })
  | (undefined extends Data ? Granted & { readonly data?: undefined } : never)
  | Refused;

/** What a validator returns. `true` and `false` are short for a verdict without details. */
export type ValidatorAnswer<Data = undefined> =
  | Verdict<Data>
  | false
  | (undefined extends Data ? true : never);

/**
 * Decides on one registration. When a validator throws, or takes longer than `validatorTimeout`, the client is refused with
 * validation-failed. The error goes to the log and never to the client.
 */
export type Validator<Data = undefined> = (
  request: RequestRegisterClient,
  context: ValidationContext,
) => ValidatorAnswer<Data> | Promise<ValidatorAnswer<Data>>;

/** The verdict that grants a registration. */
export const valid: Granted & { readonly data?: undefined } = { valid: true };

/** A verdict that refuses a registration. @param reason the text for the client */
export function invalid(reason: string, error?: ErrorName): Refused {
  return error ? { valid: false, reason, error } : { valid: false, reason };
}

/** The text of name-in-use. @param cap the maximum number of sessions with one name */
export function nameInUse(cap: number | undefined): string {
  return `name in use: ${cap} registered under this name already`;
}

/**
 * The verdict in what a validator returned.
 * @throws {TypeError} for anything else; a validator that returns nothing does not grant
 */
export function verdictFrom<Data>(answer: ValidatorAnswer<Data>): Verdict<Data> {
  return checkedVerdict(answer as ValidatorAnswer<unknown>) as Verdict<Data>;
}

function checkedVerdict(answer: ValidatorAnswer<unknown>): Verdict<unknown> {
  if (answer === true) return valid;
  if (answer === false) return invalid('refused');
  if (answer?.valid === true) return granted(answer);
  if (answer?.valid === false) return refused(answer);
  throw new TypeError(`a validator must return true, false or a verdict, not ${abridged(answer)}`);
}

/** Validators are code of others, so every part of their verdicts is checked. */
function granted({ cap, data }: Granted & { readonly data?: unknown }): Verdict<unknown> {
  if (cap !== undefined && !(Number.isInteger(cap) && cap >= 1)) {
    throw new TypeError(`the cap of a verdict must be a whole number from 1, not ${abridged(cap)}`);
  }
  if (cap === undefined && data === undefined) return valid;
  return { valid: true, ...(cap !== undefined && { cap }), data };
}

function refused({ reason, error }: Refused): Refused {
  if (typeof reason !== 'string') {
    throw new TypeError(`the reason of a verdict must be a string, not ${abridged(reason)}`);
  }
  if (error === undefined || Object.hasOwn(errorCodes, error)) return invalid(reason, error);
  const names = Object.keys(errorCodes).join(', ');
  throw new TypeError(`the error of a verdict must be one of ${names}, not ${abridged(error)}`);
}
