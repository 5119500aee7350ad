import { createHash } from 'node:crypto';
import { FileError } from '../files/file-error.js';
import { readRegular } from '../files/regular-file.js';
import { type ListedClients, readListedClients } from './client-list-file.js';

/** One version of an allow-list's file, read and checked. */
export interface ListVersion {
  /** The same for the same content, or for the same problem where there is no content. */
  readonly digest: string;
  /** What is in it; null when it is the version that is known already. */
  readonly content: ListedClients | ListProblem | null;
}

/** Why a version cannot be used. It passes between threads, where an error would lose its class. */
export interface ListProblem {
  readonly line: number | null;
  readonly problem: string;
}

/**
 * Reads a version, on the thread that calls it.
 * @param known the digest of the last version, which is not checked again.
 */
export async function readVersion(path: string, known: string | null): Promise<ListVersion> {
  let digest: string | null = null;
  try {
    const bytes = await readRegular(path);
    digest = createHash('sha256').update(bytes).digest('hex');
    if (digest === known) return { digest, content: null };
    return { digest, content: readListedClients(path, bytes.toString('utf8')) };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    digest ??= error.message;
    const { line, problem } = error;
    return { digest, content: digest === known ? null : { line, problem } };
  }
}
