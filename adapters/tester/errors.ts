import { IxgateError } from '../errors.js';

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
