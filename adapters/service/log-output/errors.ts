import { IxgateError } from '../../runtime/errors.js';

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

/** Why the system refused, in words, with a remedy. */
export function logProblem(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Make room';
    case 'EFBIG':
      return 'the file exceeds the size limit of the system (ulimit -f). Raise that limit, or choose a smaller --log-size';
    case 'EIO':
      return 'input/output error. Check the disk';
    case 'EROFS':
      return 'the disk is read-only. Choose another folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied. Choose a writable folder';
    case 'ENOENT':
      return 'the folder does not exist. Create it first';
    case 'ENOTDIR':
      return 'its folder is a file. Choose another folder';
    case 'EISDIR':
      return 'it is a folder. Add a file name';
    case 'ELOOP':
      return 'it is a link to itself. Remove it';
    case 'ENAMETOOLONG':
      return 'the name is too long. Choose a shorter one';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open. Raise the limit (ulimit -n)';
    default:
      return message;
  }
}
