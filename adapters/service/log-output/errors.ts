import { IxgateError } from '../../runtime/errors.js';
import { tooLarge, writeProblemOf } from '../../runtime/write-problem.js';

/** A log file or an audit file that cannot be opened or written. A running gate goes on. */
export class LogFileError extends IxgateError {
  override readonly name = 'LogFileError';
  constructor(
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super('LOG_FAILED', `log file ${file}: ${problem}`, options);
  }
}

const problems = {
  EFBIG: tooLarge('choose a smaller --log-size'),
  ENOENT: 'the folder does not exist. Create it first',
  ENOTDIR: 'its folder is a file. Choose another folder',
  EISDIR: 'it is a folder. Add a file name',
  ELOOP: 'it is a link to itself. Remove it',
  ENAMETOOLONG: 'the name is too long. Choose a shorter one',
};

/** Why the system refused, in words, with a remedy. */
export function logProblem(cause: unknown): string {
  return writeProblemOf(cause, problems);
}
