import { writeFile } from 'node:fs/promises';
import { UsageError } from '../exit-codes.js';

/**
 * Writes a file that was asked for on the command line.
 * @param flag `a` with an empty text: whether it can be written, before there is something to write.
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
    throw new UsageError(`${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
