import { IxgateError } from '../runtime/errors.js';

/** The server that figures were to be played against could not be reached: no figure was played. */
export class NotReachableError extends IxgateError {
  override readonly name = 'NotReachableError';
  readonly target: string;
  constructor(target: string, cause: unknown) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    super('NOT_REACHABLE', `${target} could not be reached: ${problem}`, { cause });
    this.target = target;
  }
}

/** Something answers at the endpoint, and it is not a server that can be tested. The message says what it looks like. */
export class NoSuchServerError extends IxgateError {
  override readonly name = 'NoSuchServerError';
  readonly target: string;
  constructor(target: string, looks: string, cause?: unknown) {
    super('NO_SUCH_SERVER', `${target} is no server that can be tested: ${looks}`, { cause });
    this.target = target;
  }
}
