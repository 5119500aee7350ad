import { isToken } from '../web/guard.js';
import { ConfigError } from './errors.js';
import { fileOfSecret, textOfOption } from './option-file.js';

/** The allowed tokens, in words: tokens are sent in headers and addresses. */
export const tokenAllowed = '16 to 512 letters, digits and signs without blanks, or @FILE';

/**
 * The token, or the content of the file after `@`. Errors never contain the token.
 * @param place the source of the option.
 * @throws {ConfigError}
 */
export async function loadToken(
  written: string | undefined,
  place: string,
): Promise<string | undefined> {
  const path = fileOfSecret(written);
  if (path === undefined) return written;
  const text = (await textOfOption('adminToken', path, place)).trim();
  if (isToken(text)) return text;
  throw new ConfigError(
    `${place}: adminToken ${path} has no valid token; allowed: ${tokenAllowed.replace(', or @FILE', '')}`,
  );
}
