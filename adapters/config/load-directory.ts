import type { DirectoryOptions } from '../directory/options.js';
import { type directoryOptions, nodeOf } from './directory-options.js';
import { fileOfSecret, textOfOption } from './option-file.js';
import type { ServeValues } from './options.js';

type Written = Pick<ServeValues, keyof typeof directoryOptions>;

/**
 * The options of the directory with the contents of their files; null without a directory. Errors never contain the password.
 * @param placeOf the source of an option
 * @throws {ConfigError}
 */
export async function loadDirectory(
  config: Written,
  placeOf: (key: keyof Written) => string,
): Promise<DirectoryOptions | null> {
  const { directory, directoryPassword, directoryCa } = config;
  if (directory === undefined) return null;
  const file = fileOfSecret(directoryPassword);
  const textOf = (key: keyof Written, path: string) => textOfOption(key, path, placeOf(key));
  const password =
    file === undefined ? directoryPassword : (await textOf('directoryPassword', file)).trim();
  const ca = directoryCa && (await textOf('directoryCa', directoryCa));
  return {
    store: password === undefined ? directory : withPassword(directory, password),
    cluster: config.cluster,
    node: nodeOf(config),
    lease: config.lease,
    onLoss: config.onDirectoryLoss,
    claimsOnLoss: config.claimsOnDirectoryLoss,
    shareLimits: config.shareLimits,
    ...(ca !== undefined && { ca }),
  };
}

/** The URL with another password; its user stays. */
function withPassword(url: string, password: string): string {
  return url.replace(/\/\/(?:([^@/]*)@)?/, (_, credentials: string | undefined) => {
    const [user = ''] = (credentials ?? '').split(':');
    return `//${user}:${encodeURIComponent(password)}@`;
  });
}
