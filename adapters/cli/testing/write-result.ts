import { writeFile } from 'node:fs/promises';
import { UsageError } from '../exit-codes.js';

/**
 * Writes a file that an option names.
 * @param flag `a` with an empty text checks that the file can be written, before there is a result.
 * @throws {UsageError}
 */
export async function writeResult(
  path: string,
  text: string,
  flag: 'w' | 'a' = 'w',
): Promise<void> {
  try {
    await writeFile(path, text, { flag });
  } catch (cause) {
    throw new UsageError(`cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}
