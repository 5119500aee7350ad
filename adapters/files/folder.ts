/** Files and folders that a user has named. */
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { unreadable } from './file-error.js';

/** @throws {FileError} when there is none, or it may not be looked at. */
export async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * The names in a folder, in order. One that begins with a dot is left out: it may be the draft of somebody who writes.
 * @throws {FileError} when it cannot be read.
 */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}
