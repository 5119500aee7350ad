import { FileError } from '../files/file-error.js';
import { readRegular } from '../files/regular-file.js';
import { isToken } from '../web/guard.js';
import { ConfigError } from './errors.js';

/** The allowed tokens, in words: tokens are sent in headers and addresses. */
export const tokenAllowed = '16 to 512 letters, digits and signs without blanks, or @FILE';

/** The path after `@`; undefined for a token that is not in a file. */
export function fileOfToken(written: string | undefined): string | undefined {
  return written?.startsWith('@') ? written.slice(1) : undefined;
}

/**
 * The token, or the content of the file after `@`. Errors never contain the token.
 * @param place the source of the option.
 * @throws {ConfigError}
 */
export async function loadToken(
  written: string | undefined,
  place: string,
): Promise<string | undefined> {
  const path = fileOfToken(written);
  if (path === undefined) return written;
  let text: string;
  try {
    text = (await readRegular(path)).toString().trim();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new ConfigError(`${place}: adminToken ${error.message}`, { cause: error });
  }
  if (isToken(text)) return text;
  throw new ConfigError(
    `${place}: adminToken ${path} has no valid token; allowed: ${tokenAllowed.replace(', or @FILE', '')}`,
  );
}
