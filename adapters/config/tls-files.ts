import { createSecureContext } from 'node:tls';
import { FileError } from '../files/file-error.js';
import { readRegular } from '../files/regular-file.js';
import { checkTrusted } from '../net/transports/listening.js';
import type { TlsFiles } from '../net/transports/transport.js';
import { ConfigError } from './errors.js';

const tlsKeys = ['tlsCert', 'tlsKey', 'tlsCa'] as const;
type TlsKey = (typeof tlsKeys)[number];
/** Absolute paths. */
type TlsPaths = { readonly [Key in TlsKey]?: string | undefined };

type PlaceOf = (key: TlsKey) => string;

/**
 * Reads and tries the PEM files, so that an invalid file is reported now and not at the first handshake.
 * @param placeOf the source of a path.
 * @throws {ConfigError} with the source, the key and the file.
 */
export async function loadTls(paths: TlsPaths, placeOf: PlaceOf): Promise<TlsFiles | undefined> {
  const { tls, problems } = await inspectTls(paths, placeOf);
  const [first] = problems;
  if (first) throw first;
  return tls;
}

/** Reads the PEM files as `loadTls` does, and finds everything that is wrong with them. */
export async function inspectTls(
  paths: TlsPaths,
  placeOf: PlaceOf,
): Promise<{ readonly tls: TlsFiles | undefined; readonly problems: readonly ConfigError[] }> {
  const read = await Promise.all(tlsKeys.map((one) => pem(paths, one, placeOf)));
  const problems = read.filter((one) => one instanceof ConfigError);
  if (problems.length > 0) return { tls: undefined, problems };
  const [cert, key, ca] = read as (string | undefined)[];
  if (cert === undefined && key === undefined && ca === undefined) {
    return { tls: undefined, problems };
  }
  if (cert !== undefined && key !== undefined) {
    try {
      createSecureContext({ cert, key });
    } catch (cause) {
      const text = `${placeOf('tlsCert')}: tlsCert ${paths.tlsCert} and tlsKey ${paths.tlsKey} cannot be used together: ${why(cause)}`;
      return { tls: undefined, problems: [new ConfigError(text, { cause })] };
    }
  }
  const tls = {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
  };
  return { tls, problems };
}

/** The text of a file, or what is wrong with it. */
async function pem(
  paths: TlsPaths,
  key: TlsKey,
  placeOf: PlaceOf,
): Promise<string | ConfigError | undefined> {
  const path = paths[key];
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = (await readRegular(path)).toString();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return new ConfigError(`${placeOf(key)}: ${key} ${error.message}`, { cause: error });
  }
  const wanted =
    key === 'tlsKey' ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/ : /-----BEGIN CERTIFICATE-----/;
  if (!wanted.test(text)) {
    const what = key === 'tlsKey' ? 'private key' : 'certificate';
    return new ConfigError(`${placeOf(key)}: ${key} ${path} contains no PEM ${what}`);
  }
  if (key !== 'tlsCa') return text;
  try {
    checkTrusted(text);
    return text;
  } catch (cause) {
    const { message } = cause as Error;
    return new ConfigError(`${placeOf(key)}: ${key} ${path}: ${message}`, { cause });
  }
}

function why(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key belongs to another certificate';
  return message.replace(/^error:[0-9A-F]+:/, '');
}
