import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const frame = /(?:^|[\s(])((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^():]+):(\d+):\d+\)?$/;

/**
 * The place where an error was thrown, as `folder/file.ts:12`: the innermost line of the user's own files.
 * @param ignored the file that called them
 * @returns null when the error has no such line
 */
export function placeOf(error: unknown, cwd: string, ignored: string): string | null {
  const { stack } = Object(error) as { stack?: unknown };
  for (const line of typeof stack === 'string' ? stack.split('\n') : []) {
    const [, file = '', at] = frame.exec(line) ?? [];
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    if (path === '' || path === ignored || /[\\/]node_modules[\\/]/.test(path)) continue;
    return `${shortPath(path, cwd)}:${at}`;
  }
  return null;
}

/** A path below the folder without the folder; other paths stay absolute. */
export function shortPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below.startsWith('..') ? path : below;
}
