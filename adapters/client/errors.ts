/** The errors of a client: a class per failure, each with a stable `code`. */
import {
  type ErrorCodes,
  type ErrorName,
  errorNameOf,
  isTransientError,
} from '../../machines/registration/chart/error-codes.js';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import { type DisconnectReason, disconnectWords } from '../../machines/registration/chart/seat.js';
import { IxgateError } from '../runtime/errors.js';

/** The server answered the registration with EventError. */
export class RegistrationRefusedError extends IxgateError {
  override readonly name = 'RegistrationRefusedError';
  readonly endpoint: string;
  /** The error number of the server, or null without one. */
  readonly errorCode: number | null;
  /** The stable name of that number, or null when the number is unknown. */
  readonly errorName: ErrorName | null;
  /** The server's text, unchanged. */
  readonly errorDescription: string;
  /** Milliseconds that the server asks the client to wait, for a transient error; null without one. */
  readonly retryAfter: number | null;
  constructor(refusal: {
    readonly endpoint: string;
    readonly errorCode: number | null;
    readonly errorName: ErrorName | null;
    readonly errorDescription: string;
    readonly retryAfter: number | null;
  }) {
    const { endpoint, errorCode, errorName, errorDescription, retryAfter } = refusal;
    super(
      'REGISTRATION_REFUSED',
      `${endpoint} refused the registration: ${errorDescription} (${said(errorCode, errorName)})`,
    );
    this.endpoint = endpoint;
    this.errorCode = errorCode;
    this.errorName = errorName;
    this.errorDescription = errorDescription;
    this.retryAfter = isTransientError(errorName, retryAfter) ? retryAfter : null;
  }
}

/** The server did not answer in time. After a registration timeout the connection is closed; after a request timeout it stays. */
export class ReplyTimeoutError extends IxgateError {
  override readonly name = 'ReplyTimeoutError';
  readonly messageName: string;
  readonly referenceId: number;
  /** The timeout in milliseconds. */
  readonly timeout: number;
  constructor(messageName: string, referenceId: number, timeout: number) {
    super(
      'REPLY_TIMEOUT',
      `${messageName} (reference id ${referenceId}) was not answered within ${timeout} ms`,
    );
    this.messageName = messageName;
    this.referenceId = referenceId;
    this.timeout = timeout;
  }
}

/** The connection attempt failed; `cause` is the error of the transport. */
export class ConnectFailedError extends IxgateError {
  override readonly name = 'ConnectFailedError';
  readonly endpoint: string;
  /** Milliseconds until another attempt is worth it, or null: the `retryAfter` of the cause (Retry-After of a WebSocket upgrade). */
  readonly retryAfter: number | null;
  constructor(endpoint: string, cause: unknown) {
    super('CONNECT_FAILED', `${endpoint} could not be reached: ${sentence(cause)}`, { cause });
    this.endpoint = endpoint;
    this.retryAfter = waitIn(cause);
  }
}

/** The waiting times that a server asks for; see SupervisorEvent. */
export function waitsOf(error: Error): {
  readonly retryAfter: number | null;
  readonly stayAway: number | null;
} {
  const told = error instanceof RegistrationRefusedError || error instanceof ConnectFailedError;
  const wait = told ? error.retryAfter : null;
  const isKick = error instanceof RegistrationRefusedError && error.errorName === 'kicked';
  return isKick ? { retryAfter: null, stayAway: wait } : { retryAfter: wait, stayAway: null };
}

/** The connection ended before an answer came, or there is no connection. */
export class DisconnectedError extends IxgateError {
  override readonly name = 'DisconnectedError';
  /** `not-online`: there was no registered connection to send on. */
  readonly reason: DisconnectReason | 'not-online';
  constructor(reason: DisconnectReason | 'not-online', problem: string, options?: ErrorOptions) {
    super('DISCONNECTED', problem, options);
    this.reason = reason;
  }
}

/** The server did not answer a ping: the `cause` of a DisconnectedError. */
export class PingTimeoutError extends IxgateError {
  override readonly name = 'PingTimeoutError';
  /** Milliseconds of silence before the ping, and milliseconds for its answer. */
  readonly interval: number;
  readonly timeout: number;
  constructor(interval: number, timeout: number) {
    super(
      'PING_TIMEOUT',
      `no reply within ${timeout} ms after a ping, after ${interval} ms of silence`,
    );
    this.interval = interval;
    this.timeout = timeout;
  }
}

/** Consecutive requests timed out and the server sent nothing meanwhile: the `cause` of a DisconnectedError. */
export class ServerSilentError extends IxgateError {
  override readonly name = 'ServerSilentError';
  constructor(
    /** Number of requests that timed out. */
    readonly timeouts: number,
  ) {
    super('SERVER_SILENT', `${timeouts} requests timed out and the server sent nothing meanwhile`);
  }
}

/**
 * The server ended the registration: another client took the name, this client is not valid any more, or an operator kicked it. Without
 * `retryAfter` for good.
 */
export class RegistrationLostError extends IxgateError {
  override readonly name = 'RegistrationLostError';
  readonly endpoint: string;
  readonly errorCode: number;
  readonly errorName: ErrorName;
  /** The server's text, unchanged. */
  readonly errorDescription: string;
  /** Milliseconds after which the client comes back; null when it does not come back by itself. */
  readonly retryAfter: number | null;
  constructor(endpoint: string, notice: Notice) {
    const { errorCode, errorName, errorDescription, retryAfter } = notice;
    super(
      'REGISTRATION_LOST',
      `${endpoint} ended the registration: ${errorDescription} (error code ${errorCode}, ${errorName})`,
    );
    this.endpoint = endpoint;
    this.errorCode = errorCode;
    this.errorName = errorName;
    this.errorDescription = errorDescription;
    this.retryAfter = isTransientError(errorName, retryAfter) ? retryAfter : null;
  }
}

/** A function of an option failed. Its error is the `cause`; the message does not contain it, because it may contain a secret. */
export class OptionFunctionError extends IxgateError {
  override readonly name = 'OptionFunctionError';
  constructor(
    readonly option: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super('OPTION_FUNCTION_FAILED', `the function for the option ${option} ${problem}`, options);
  }
}

/** The server answered a request with EventError. */
export class RequestRefusedError extends IxgateError {
  override readonly name = 'RequestRefusedError';
  /** The error number of the server, or null without one. */
  readonly errorCode: number | null;
  /** The server's text, unchanged. */
  readonly errorDescription: string;
  /** The whole answer. */
  readonly reply: WireMessage;
  constructor(messageName: string, reply: WireMessage) {
    const { errorCode, errorDescription } = refusalIn(reply);
    super(
      'REQUEST_REFUSED',
      `${messageName} was refused: ${errorDescription} (${said(errorCode, null)})`,
    );
    this.errorCode = errorCode;
    this.errorDescription = errorDescription;
    this.reply = reply;
  }
}

/** The client was closed before the answer came, or is closed already. */
export class ClientClosedError extends IxgateError {
  override readonly name = 'ClientClosedError';
  constructor(problem = 'the client is closed') {
    super('CLIENT_CLOSED', problem);
  }
}

/** The server sent an invalid frame; the connection was closed. */
export class ProtocolError extends IxgateError {
  override readonly name = 'ProtocolError';
  readonly endpoint: string;
  constructor(endpoint: string, problem: string, options?: ErrorOptions) {
    super('PROTOCOL_ERROR', `${endpoint} sent an invalid frame: ${problem}`, options);
    this.endpoint = endpoint;
  }
}

/** The error for an EventError that answers the registration. */
export function refusedBy(
  endpoint: string,
  message: WireMessage,
  codes: ErrorCodes,
): RegistrationRefusedError {
  const refusal = refusalIn(message);
  const { errorCode } = refusal;
  const errorName = errorCode === null ? null : errorNameOf(errorCode, codes);
  return new RegistrationRefusedError({ endpoint, errorName, ...refusal });
}

/** Code, text and waiting time of an EventError, with invalid values left out. */
function refusalIn(message: WireMessage): {
  readonly errorCode: number | null;
  readonly errorDescription: string;
  readonly retryAfter: number | null;
} {
  const { errorCode, errorDescription } = message;
  return {
    errorCode: typeof errorCode === 'number' ? errorCode : null,
    errorDescription:
      typeof errorDescription === 'string' ? errorDescription : 'no errorDescription was given',
    retryAfter: waitIn(message),
  };
}

/** The `retryAfter` of a value, if it is a whole number of milliseconds; null otherwise. */
function waitIn(value: unknown): number | null {
  const wait = (value as { readonly retryAfter?: unknown } | null | undefined)?.retryAfter;
  return typeof wait === 'number' && Number.isInteger(wait) && wait >= 0 ? wait : null;
}

/**
 * The notice in an unsolicited EventError to a registered client; null for any other message.
 */
export function noticeFrom(message: WireMessage, codes: ErrorCodes): Notice | null {
  if (message.messageName !== 'EventError' || (message.referenceId ?? null) !== null) return null;
  const { errorCode, errorDescription, retryAfter } = refusalIn(message);
  const errorName = errorCode === null ? null : errorNameOf(errorCode, codes);
  if (errorCode === null || errorName === null) return null;
  return { errorCode, errorName, errorDescription, retryAfter };
}

/** An unsolicited EventError about the registration. */
export interface Notice {
  readonly errorCode: number;
  readonly errorName: ErrorName;
  readonly errorDescription: string;
  readonly retryAfter: number | null;
}

/** The error of an attempt or of pending requests whose connection ended. */
export function disconnected(
  endpoint: string,
  reason: DisconnectReason,
  cause: Error | null,
): DisconnectedError {
  const detail = cause ? `: ${sentence(cause)}` : '';
  return new DisconnectedError(
    reason,
    `the connection to ${endpoint} ended (${reason}): ${disconnectWords(reason, 'client')}${detail}`,
    cause ? { cause } : undefined,
  );
}

function said(code: number | null, name: ErrorName | null): string {
  if (code === null) return 'no error code';
  return name === null ? `error code ${code}` : `error code ${code}, ${name}`;
}

/**
 * The message of an error, for people. A system error with several causes (all addresses of a name failed) has an empty message. The message
 * of an OpenSSL error is its whole error stack; `reason` is the part for people.
 */
function sentence(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '')
    return cause.errors.map(sentence).join('; ');
  if (!(cause instanceof Error)) return String(cause);
  const { library, reason } = cause as { library?: unknown; reason?: unknown };
  return library !== undefined && typeof reason === 'string' ? reason : cause.message;
}
