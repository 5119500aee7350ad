import { FileError } from '../files/file-error.js';
import { readRegular } from '../files/regular-file.js';
import { ConfigError } from './errors.js';

/** The path after `@`; undefined for a secret that is not in a file. */
export function fileOfSecret(written: string | undefined): string | undefined {
  return written?.startsWith('@') ? written.slice(1) : undefined;
}

/**
 * The text of the file of an option.
 * @param place the source of the option
 * @throws {ConfigError}
 */
export async function textOfOption(key: string, path: string, place: string): Promise<string> {
  try {
    return (await readRegular(path)).toString();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new ConfigError(`${place}: ${key} ${error.message}`, { cause: error });
  }
}
