/** What can go wrong for a client: a class a failure, each with a stable `code`. */
import {
  type DisconnectReason,
  disconnectWords,
  type ErrorCodes,
  type ErrorName,
  errorNameOf,
  isTransientError,
  type WireMessage,
} from '../../machines/index.js';
import { UpgradeRefusedError } from '../net/transports/attempt.js';
import { IxgateError } from '../runtime/errors.js';

/** The server answered the registration with EventError. */
export class RegistrationRefusedError extends IxgateError {
  override readonly name = 'RegistrationRefusedError';
  readonly endpoint: string;
  /** The number the server sent, or null when it sent none. */
  readonly errorCode: number | null;
  /** The stable name of that number, or null when the number is unknown. */
  readonly errorName: ErrorName | null;
  /** The server's text, word for word. */
  readonly errorDescription: string;
  /** Milliseconds that the server asks the client to wait, with a transient error; null when it does not say. */
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
    this.retryAfter = isTransientError(errorName) ? retryAfter : null;
  }
}

/** The server did not answer in time: the registration (the connection is then closed) or a request (it stays). */
export class ReplyTimeoutError extends IxgateError {
  override readonly name = 'ReplyTimeoutError';
  readonly messageName: string;
  readonly referenceId: number;
  /** Milliseconds that were waited. */
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

/** The endpoint could not be reached; `cause` is what the transport said. */
export class ConnectFailedError extends IxgateError {
  override readonly name = 'ConnectFailedError';
  readonly endpoint: string;
  /** Milliseconds the server asks to be left alone (Retry-After of a WebSocket upgrade), or null when it does not say. */
  readonly retryAfter: number | null;
  constructor(endpoint: string, cause: unknown) {
    super('CONNECT_FAILED', `${endpoint} could not be reached: ${sentence(cause)}`, { cause });
    this.endpoint = endpoint;
    this.retryAfter = cause instanceof UpgradeRefusedError ? cause.retryAfter : null;
  }
}

/** Milliseconds for which a server that rejects clients asks not to be contacted, or null when it does not say. */
export function retryAfterOf(error: Error): number | null {
  const told = error instanceof RegistrationRefusedError || error instanceof ConnectFailedError;
  return told ? error.retryAfter : null;
}

/** The connection ended while something was still owed, or there is none. */
export class DisconnectedError extends IxgateError {
  override readonly name = 'DisconnectedError';
  /** `not-online`: there was no registered connection to send on. */
  readonly reason: DisconnectReason | 'not-online';
  constructor(reason: DisconnectReason | 'not-online', problem: string, options?: ErrorOptions) {
    super('DISCONNECTED', problem, options);
    this.reason = reason;
  }
}

/** The server gave no sign of life when it was asked for one: the `cause` of a DisconnectedError. */
export class PingTimeoutError extends IxgateError {
  override readonly name = 'PingTimeoutError';
  /** Milliseconds of silence before it was asked, and milliseconds it was given. */
  readonly interval: number;
  readonly timeout: number;
  constructor(interval: number, timeout: number) {
    super(
      'PING_TIMEOUT',
      `no sign of life within ${timeout} ms of being asked for one, after ${interval} ms of silence`,
    );
    this.interval = interval;
    this.timeout = timeout;
  }
}

/** Requests in a row timed out and the server sent nothing meanwhile: the `cause` of a DisconnectedError. */
export class ServerSilentError extends IxgateError {
  override readonly name = 'ServerSilentError';
  constructor(
    /** How many requests timed out. */
    readonly timeouts: number,
  ) {
    super('SERVER_SILENT', `${timeouts} requests timed out and the server sent nothing meanwhile`);
  }
}

/** The server ended the registration for good: another client has the name, or this one is not valid any more. */
export class RegistrationLostError extends IxgateError {
  override readonly name = 'RegistrationLostError';
  constructor(
    readonly endpoint: string,
    readonly errorCode: number,
    readonly errorName: ErrorName,
    /** The server's text, word for word. */
    readonly errorDescription: string,
  ) {
    super(
      'REGISTRATION_LOST',
      `${endpoint} ended the registration: ${errorDescription} (error code ${errorCode}, ${errorName})`,
    );
  }
}

/** A function that was given for an option failed. Its error is the `cause`; the text does not hold it, since it may hold a secret. */
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
  /** The number the server sent, or null when it sent none. */
  readonly errorCode: number | null;
  /** The server's text, word for word. */
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
    super('PROTOCOL_ERROR', `${endpoint} sent a frame that is no message: ${problem}`, options);
    this.endpoint = endpoint;
  }
}

/** The error that an EventError to the registration is. */
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

/** Code, text and waiting time of an EventError, whatever the server put there. */
function refusalIn(message: WireMessage): {
  readonly errorCode: number | null;
  readonly errorDescription: string;
  readonly retryAfter: number | null;
} {
  const { errorCode, errorDescription, retryAfter } = message;
  return {
    errorCode: typeof errorCode === 'number' ? errorCode : null,
    errorDescription:
      typeof errorDescription === 'string' ? errorDescription : 'no errorDescription was given',
    retryAfter:
      typeof retryAfter === 'number' && Number.isInteger(retryAfter) && retryAfter >= 0
        ? retryAfter
        : null,
  };
}

/**
 * The error of an EventError that the server sent to a registered client without being asked; null for any other message.
 */
export function noticeFrom(message: WireMessage, codes: ErrorCodes): Notice | null {
  if (message.messageName !== 'EventError' || (message.referenceId ?? null) !== null) return null;
  const { errorCode, errorDescription } = refusalIn(message);
  const errorName = errorCode === null ? null : errorNameOf(errorCode, codes);
  if (errorCode === null || errorName === null) return null;
  return { errorCode, errorName, errorDescription };
}

/** What a server says of the registration without being asked. */
export interface Notice {
  readonly errorCode: number;
  readonly errorName: ErrorName;
  readonly errorDescription: string;
}

/** Why a connection ended, as the error its attempt or its pending requests end with. */
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
 * What an error says, for people. A system error with several causes (all addresses of a name failed) has an empty message of
 * its own; OpenSSL's is its whole error stack in one line, and `reason` the part for people.
 */
function sentence(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '')
    return cause.errors.map(sentence).join('; ');
  if (!(cause instanceof Error)) return String(cause);
  const { library, reason } = cause as { library?: unknown; reason?: unknown };
  return library !== undefined && typeof reason === 'string' ? reason : cause.message;
}
