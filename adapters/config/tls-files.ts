import { createSecureContext } from 'node:tls';
import { FileError } from '../files/file-error.js';
import { readRegular } from '../files/regular-file.js';
import { checkTrusted } from '../net/transports/listening.js';
import type { TlsFiles } from '../net/transports/transport.js';
import { ConfigError } from './errors.js';

export const tlsKeys = ['tlsCert', 'tlsKey', 'tlsCa'] as const;
export type TlsKey = (typeof tlsKeys)[number];
/** Absolute paths. */
export type TlsPaths = { readonly [Key in TlsKey]?: string | undefined };

/**
 * Reads and tries the PEM files, so that an invalid file is reported now and not at the first handshake.
 * @param placeOf the source of a path.
 * @throws {ConfigError} with the source, the key and the file.
 */
export async function loadTls(
  paths: TlsPaths,
  placeOf: (key: TlsKey) => string,
): Promise<TlsFiles | undefined> {
  const [cert, key, ca] = await Promise.all(tlsKeys.map((one) => pem(paths, one, placeOf)));
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  if (cert !== undefined && key !== undefined) {
    try {
      createSecureContext({ cert, key });
    } catch (cause) {
      throw new ConfigError(
        `${placeOf('tlsCert')}: tlsCert ${paths.tlsCert} and tlsKey ${paths.tlsKey} cannot be used together: ${why(cause)}`,
        { cause },
      );
    }
  }
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
  };
}

async function pem(
  paths: TlsPaths,
  key: TlsKey,
  placeOf: (key: TlsKey) => string,
): Promise<string | undefined> {
  const path = paths[key];
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = (await readRegular(path)).toString();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new ConfigError(`${placeOf(key)}: ${key} ${error.message}`, { cause: error });
  }
  const wanted =
    key === 'tlsKey' ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/ : /-----BEGIN CERTIFICATE-----/;
  if (!wanted.test(text)) {
    const what = key === 'tlsKey' ? 'private key' : 'certificate';
    throw new ConfigError(`${placeOf(key)}: ${key} ${path} contains no PEM ${what}`);
  }
  if (key === 'tlsCa') trusted(text, `${placeOf(key)}: ${key} ${path}`);
  return text;
}

function trusted(text: string, place: string): void {
  try {
    checkTrusted(text);
  } catch (cause) {
    throw new ConfigError(`${place}: ${(cause as Error).message}`, { cause });
  }
}

function why(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key belongs to another certificate';
  return message.replace(/^error:[0-9A-F]+:/, '');
}
