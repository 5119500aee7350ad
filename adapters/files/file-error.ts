import { IxgateError } from '../runtime/errors.js';

/** A file that cannot be read, is not JSON or YAML, or has invalid content. */
export class FileError extends IxgateError {
  override readonly name = 'FileError';
  /** @param line 1 and up, or null when the problem has no line. */
  constructor(
    readonly path: string,
    readonly line: number | null,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('BAD_FILE', `${line === null ? path : `${path}:${line}`}: ${problem}`, options);
  }
}

/** The error of a file or folder that the system refuses to read. */
export function unreadable(path: string, cause: unknown): FileError {
  return new FileError(path, null, `cannot be read: ${readProblem(cause)}`, { cause });
}

/** Why the system refuses to read a file, in words. */
export function readProblem(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'file not found';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return message;
  }
}
