/** Files and folders that a user names. */
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { unreadable } from './file-error.js';

/** @throws {FileError} when the file is missing or permission is denied. */
export async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * The sorted names in a folder. Names that begin with a dot are skipped: they may be temporary files.
 * @throws {FileError} when it cannot be read.
 */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}
