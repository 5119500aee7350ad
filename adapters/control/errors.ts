/** The errors of a request to a running gate. */
import { IxgateError } from '../runtime/errors.js';

/** No gate can be reached: there is no socket, no permission for it, or nothing listens. */
export class ControlUnreachableError extends IxgateError {
  override readonly name = 'ControlUnreachableError';
  constructor(message: string, cause: Error) {
    super('CONTROL_UNREACHABLE', message, { cause });
  }
}

/** The gate did not answer in time. */
export class ControlTimeoutError extends IxgateError {
  override readonly name = 'ControlTimeoutError';
  constructor(where: string, timeout: number) {
    super(
      'CONTROL_TIMEOUT',
      `${where} did not answer within ${timeout} ms; allow more time with --timeout`,
    );
  }
}

/** What answered is not a gate, or a gate without live control. */
export class NoControlError extends IxgateError {
  override readonly name = 'NoControlError';
  constructor(message: string) {
    super('NO_CONTROL', message);
  }
}

/** The gate refused a request: no permission, an unknown session, too many requests. */
export class ControlRefusedError extends IxgateError {
  override readonly name = 'ControlRefusedError';
  /** The HTTP status. */
  readonly status: number;
  constructor(where: string, status: number, message: string) {
    super('CONTROL_REFUSED', `${where} refused: ${message}`);
    this.status = status;
  }
}

/** An argument is invalid, or the configuration of the gate. */
export class ControlRequestError extends IxgateError {
  override readonly name = 'ControlRequestError';
  constructor(message: string) {
    super('BAD_REQUEST', message);
  }
}
