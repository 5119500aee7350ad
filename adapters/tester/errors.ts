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

/** The mapper of a protocol failed: it threw, or returned a value of another type. The message names the part and the input. */
export class MapperError extends IxgateError {
  override readonly name = 'MapperError';
  constructor(part: string, problem: string, cause?: unknown) {
    super('MAPPER_FAILED', `the mapper fails in ${part}: ${problem}`, { cause });
  }
}
