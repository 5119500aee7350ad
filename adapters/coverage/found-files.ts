/** Files that are named or lie in named folders, recognised by how they begin. */
import { open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileError, unreadable } from '../files/file-error.js';
import { namesIn, statOf } from '../files/folder.js';

/** Number of bytes that show the type of a file. */
const headLength = 65_536;

export const emptyFile = 'is empty: there is nothing to count in it';

/** Why the beginning of a file is of no type. @param reason what is wrong with its first line */
export function unreadableHead(head: string, reason: string): string {
  return head.includes('\0') || head.includes('\uFFFD') ? 'binary' : `line 1: ${reason}`;
}

export interface FoundFile<Kind> {
  readonly path: string;
  readonly size: number;
  readonly kind: Kind;
}

/** What files are looked for. */
export interface WantedFiles<Kind extends string> {
  /** The type of a file, or why it has none, as the end of a sentence after its name. @param head its beginning, without a byte order mark */
  kindOf(head: string): Kind | { readonly problem: string };
  /** The problem of a folder without such files, for the error: `no coverage file and no recording`. */
  readonly none: string;
}

/**
 * Finds files. In a folder all files of a wanted type count, in the order of their names; other files and subfolders are skipped. A file
 * that is named twice counts once.
 * @throws {FileError} for an unreadable file, a named file of another type, or a folder without such files.
 */
export async function foundFiles<Kind extends string>(
  paths: readonly string[],
  wanted: WantedFiles<Kind>,
): Promise<readonly FoundFile<Kind>[]> {
  const found = new Map<string, FoundFile<Kind>>();
  for (const path of paths) {
    for (const file of await filesAt(path, wanted)) found.set(resolve(file.path), file);
  }
  return [...found.values()];
}

async function filesAt<Kind extends string>(
  path: string,
  { kindOf, none }: WantedFiles<Kind>,
): Promise<FoundFile<Kind>[]> {
  const there = await statOf(path);
  if (!there.isDirectory()) {
    // The beginning of a file is read first, and a pipe cannot be read twice.
    if (!there.isFile()) throw new FileError(path, null, 'is not a file: save it to one first');
    const kind = kindOf(await headOf(path));
    if (typeof kind !== 'string') throw new FileError(path, null, kind.problem);
    return [{ path, size: there.size, kind }];
  }
  const files: FoundFile<Kind>[] = [];
  for (const name of await namesIn(path)) {
    const inside = join(path, name);
    const file = await stat(inside).catch(() => null);
    const kind = file?.isFile() ? kindOf(await headOf(inside)) : null;
    if (file && typeof kind === 'string') files.push({ path: inside, size: file.size, kind });
  }
  if (files.length > 0) return files;
  throw new FileError(path, null, `there is ${none} in this folder`);
}

async function headOf(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
