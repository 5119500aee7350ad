import { openRegular } from '../../files/regular-file.js';

/** Number of leading bytes of two files that are compared. */
const compared = 65_536;

/** How a file relates to the followed one: a copy, another file, or still too short to tell. */
export type Likeness = 'copy' | 'other' | 'undecided';

/** Compares the beginnings of two files: log rotation by copy and truncate leaves a copy beside the followed file. */
export async function likenessOf(path: string, followed: string): Promise<Likeness> {
  const [there, own] = await Promise.all([beginningOf(path), beginningOf(followed)]);
  // The followed file is missing: a copy would have left it in place.
  if (own === null) return 'other';
  if (there === null) return 'undecided';
  const length = Math.min(there.length, own.length);
  if (!there.subarray(0, length).equals(own.subarray(0, length))) return 'other';
  return there.length < own.length || length === 0 ? 'undecided' : 'copy';
}

async function beginningOf(path: string): Promise<Buffer | null> {
  const file = await openRegular(path).catch(() => null);
  if (!file) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(compared), 0, compared, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
