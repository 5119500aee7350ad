/** Reading of watched files: a read must end, so that the next change is noticed and a stop is not delayed. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FileError, unreadable } from './file-error.js';

// A path may become a pipe between `stat` and `open`. Windows has no such flag.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a regular file. Other kinds are rejected before they are opened: opening a pipe waits for a writer, and reading a device may
 * never end.
 * @param folder base of a relative path. @default the working directory
 * @throws {FileError}
 */
export async function openRegular(path: string, folder = ''): Promise<FileHandle> {
  const absolute = resolve(folder, path);
  let file: FileHandle | null = null;
  try {
    checkRegular(path, await stat(absolute));
    file = await open(absolute, openFlags);
    checkRegular(path, await file.stat());
    return file;
  } catch (cause) {
    await file?.close();
    throw cause instanceof FileError ? cause : unreadable(path, cause);
  }
}

/**
 * Reads a regular file.
 * @param folder base of a relative path. @default the working directory
 * @throws {FileError}
 */
export async function readRegular(path: string, folder = ''): Promise<Buffer> {
  await using file = await openRegular(path, folder);
  try {
    return await file.readFile();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** @throws {FileError} with the actual kind. */
function checkRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  const kind = kindOf(stats);
  const expected = stats.isDirectory() ? '' : ', expected a regular file';
  throw new FileError(path, null, `cannot be read: it is a ${kind}${expected}`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'folder';
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isSocket()) return 'socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'device' : 'special file';
}
