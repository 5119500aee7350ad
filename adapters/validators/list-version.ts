import { createHash } from 'node:crypto';
import { FileError } from '../files/file-error.js';
import { readRegular } from '../files/regular-file.js';
import { type ListedClients, readListedClients } from './client-list-file.js';

/** A version of an allow-list file, read and checked. */
export interface ListVersion {
  /** A digest of the content, or the problem without content. */
  readonly digest: string;
  /** The content or its problem; null for the known version. */
  readonly content: ListedClients | ListProblem | null;
}

/** Why a version is unusable. Not an error, which would lose its class between threads. */
export interface ListProblem {
  readonly line: number | null;
  readonly problem: string;
}

/**
 * Reads a version in the calling thread.
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
