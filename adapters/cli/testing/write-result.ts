import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../exit-codes.js';

/**
 * Writes a file that an option names.
 * @param flag `a` with an empty text checks that the file can be written, before there is a result.
 * @throws {UsageError}
 */
export async function writeResult(
  path: string,
  text: string | Uint8Array,
  flag: 'w' | 'a' = 'w',
): Promise<void> {
  try {
    await writeFile(path, text, { flag });
  } catch (cause) {
    throw new UsageError(`cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Creates the folder of `--out` when it is missing.
 * @throws {UsageError}
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeEach(folder);
    if ((await stat(folder)).isDirectory()) return;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') {
      throw new UsageError(`cannot create the folder --out ${folder}: ${message}`, { cause });
    }
  }
  throw new UsageError(
    `--out ${folder} is not a folder; expected a folder, which is created when missing`,
  );
}

/** Node's `recursive` never returns in a folder where the system creates no folders (/proc). */
async function makeEach(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw cause;
    await makeEach(dirname(folder));
    // When this fails with ENOENT again, the folder above exists and accepts no folders.
    await mkdir(folder);
  }
}
