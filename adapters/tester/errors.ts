import { IxgateError } from '../runtime/errors.js';

/** The server under test could not be reached. */
export class NotReachableError extends IxgateError {
  override readonly name = 'NotReachableError';
  readonly target: string;
  constructor(target: string, cause: unknown) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    super('NOT_REACHABLE', `${target} could not be reached: ${problem}`, { cause });
    this.target = target;
  }
}

/** The server at the endpoint speaks another protocol. The message describes it. */
export class NotTestableError extends IxgateError {
  override readonly name = 'NotTestableError';
  readonly target: string;
  constructor(target: string, problem: string, cause?: unknown) {
    super('NOT_TESTABLE', `${target} cannot be tested: ${problem}`, { cause });
    this.target = target;
  }
}
