import { IxgateError } from '../runtime/errors.js';
import { tooLarge, writeProblemOf } from '../runtime/write-problem.js';

/**
 * A recording that cannot be written: `RECORD_FAILED` when the system refuses (full disk, missing folder, permission denied ...),
 * `RECORD_BEHIND` when steps were dropped because the disk is too slow or JSON cannot represent them.
 */
export class RecordingError extends IxgateError {
  override readonly name = 'RecordingError';
  constructor(
    code: 'RECORD_FAILED' | 'RECORD_BEHIND',
    readonly folder: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(code, `recording in ${folder}: ${problem}`, options);
  }
}

/** A file or folder was removed while it was being written; its steps are lost. */
export class RemovedError extends Error {
  readonly code = 'REMOVED';
}

const problems = {
  EFBIG: tooLarge('choose a smaller maximum size'),
  ENOENT: 'the parent folder does not exist. Create it first',
  ENOTDIR: 'it is not a folder. Choose a folder or an unused name',
  EEXIST: 'it is not a folder. Choose a folder or an unused name',
  REMOVED: 'the file was removed while it was written',
};

/** Why the system refused, in words, with a remedy. */
export function writeProblem(cause: unknown): string {
  return writeProblemOf(cause, problems);
}
