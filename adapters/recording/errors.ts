import { IxgateError } from '../runtime/errors.js';

/**
 * A recording that cannot be written: `RECORD_FAILED` when the system refuses (full disk, missing folder, permission denied ...),
 * `RECORD_BEHIND` when steps were left out, because it is too slow or they hold what JSON cannot write.
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

/** A file or a folder was removed while it was written to; its steps go nowhere. */
export class RemovedError extends Error {
  readonly code = 'REMOVED';
}

/** Why the system refused, in words, with what helps. */
export function writeProblem(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Make room';
    case 'EFBIG':
      return 'a file may not grow so large here (ulimit -f). Raise that, or choose a smaller maximum size';
    case 'EIO':
      return 'the disk cannot be written to (input/output error). Look after the disk';
    case 'EROFS':
      return 'the disk is read-only. Choose another folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied. Choose a folder that may be written to';
    case 'ENOENT':
      return 'the folder it would be in is not there. Create that first';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is no folder. Choose a folder, or a name that is free';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open. Raise the limit (ulimit -n)';
    case 'REMOVED':
      return 'the file was removed while it was written';
    default:
      return message;
  }
}
