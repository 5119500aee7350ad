import type { DirectoryOptions } from '../directory/options.js';
import { FileError } from '../files/file-error.js';
import { readRegular } from '../files/regular-file.js';
import { type directoryOptions, nodeOf } from './directory-options.js';
import { ConfigError } from './errors.js';
import type { ServeValues } from './options.js';

type Written = Pick<ServeValues, keyof typeof directoryOptions>;

/**
 * The options of the directory with the contents of their files; null without a directory. Errors never contain the password.
 * @param placeOf the source of an option
 * @throws {ConfigError}
 */
export async function loadDirectory(
  config: Written,
  placeOf: (key: 'directoryPassword' | 'directoryCa') => string,
): Promise<DirectoryOptions | null> {
  const { directory, directoryPassword, directoryCa } = config;
  if (directory === undefined) return null;
  const file = directoryPassword?.startsWith('@') ? directoryPassword.slice(1) : null;
  const password =
    file === null
      ? directoryPassword
      : (await contentOf(file, 'directoryPassword', placeOf)).trim();
  const ca = directoryCa && (await contentOf(directoryCa, 'directoryCa', placeOf));
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

async function contentOf<Key extends 'directoryPassword' | 'directoryCa'>(
  path: string,
  key: Key,
  placeOf: (key: Key) => string,
): Promise<string> {
  try {
    return (await readRegular(path)).toString();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new ConfigError(`${placeOf(key)}: ${key} ${error.message}`, { cause: error });
  }
}

/** The URL with another password; its user stays. */
function withPassword(url: string, password: string): string {
  return url.replace(/\/\/(?:([^@/]*)@)?/, (_, credentials: string | undefined) => {
    const [user = ''] = (credentials ?? '').split(':');
    return `//${user}:${encodeURIComponent(password)}@`;
  });
}
