const problems: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room',
  EDQUOT: 'the disk is full. Make room',
  EIO: 'input/output error. Check the disk',
  EROFS: 'the disk is read-only. Choose another folder',
  EACCES: 'permission denied. Choose a writable folder',
  EPERM: 'permission denied. Choose a writable folder',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n)',
  ENFILE: 'too many files are open. Raise the limit (ulimit -n)',
};

/**
 * Why the system refused to create or write a file, in words, with a remedy.
 * @param others by error code: the texts that depend on the use of the file
 */
export function writeProblemOf(cause: unknown, others: Readonly<Record<string, string>>): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return others[code] ?? problems[code] ?? message;
}

/** The text for a file that is larger than the system allows. */
export function tooLarge(remedy: string): string {
  return `the file exceeds the size limit of the system (ulimit -f). Raise that limit, or ${remedy}`;
}
