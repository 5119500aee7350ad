import { IxgateError } from '../runtime/errors.js';

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

/** Why the system refused, in words, with a remedy. */
export function writeProblem(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Make room';
    case 'EFBIG':
      return 'the file exceeds the size limit of the system (ulimit -f). Raise that limit, or choose a smaller maximum size';
    case 'EIO':
      return 'input/output error. Check the disk';
    case 'EROFS':
      return 'the disk is read-only. Choose another folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied. Choose a writable folder';
    case 'ENOENT':
      return 'the parent folder does not exist. Create it first';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a folder. Choose a folder or an unused name';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open. Raise the limit (ulimit -n)';
    case 'REMOVED':
      return 'the file was removed while it was written';
    default:
      return message;
  }
}
