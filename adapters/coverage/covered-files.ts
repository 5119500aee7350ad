import { open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isCoverageText } from '../../machines/engine/coverage/coverage-text.js';
import { Coverage } from '../../machines/registration/session/coverage.js';
import type { RecordingGap } from '../../machines/registration/session/gap-mark.js';
import { readRecordingLine } from '../../machines/registration/session/recording.js';
import { FileError, unreadable } from '../files/file-error.js';
import { namesIn, statOf } from '../files/folder.js';
import { readCoverage } from './coverage-file.js';
import { readRecordingLines } from './recording-lines.js';

/** A file whose steps are counted. */
export interface CountedFile {
  readonly path: string;
  readonly kind: 'coverage' | 'recording';
  readonly steps: number;
  /** For a recording: whether its last line is incomplete and skipped. */
  readonly torn: boolean;
  /** For a recording: all its gap marks as one sentence. */
  readonly gaps: readonly RecordingGap[];
}

export interface CoveredFiles {
  readonly coverage: Coverage;
  /** In the order of reading. */
  readonly files: readonly CountedFile[];
}

/** Number of bytes that show the type of a file. */
const headLength = 65_536;

interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly kind: CountedFile['kind'];
}

/**
 * Adds up coverage files and recordings, recognised by their content. In a folder all such files count, in the
 * order of their names; other files and subfolders are skipped. A file that is named twice counts once.
 * @param onProgress called with the bytes read and the total.
 * @throws {FileError} for an unreadable file, a file of another type, or a folder without such files.
 */
export async function coverageOfFiles(
  paths: readonly string[],
  onProgress: (read: number, total: number) => void = () => {},
): Promise<CoveredFiles> {
  const found = new Map<string, FoundFile>();
  for (const path of paths) {
    for (const file of await filesAt(path)) found.set(resolve(file.path), file);
  }
  const total = [...found.values()].reduce((sum, { size }) => sum + size, 0);
  let read = 0;
  const coverage = new Coverage();
  const files: CountedFile[] = [];
  for (const file of found.values()) {
    const counted = await count(file, coverage, (bytes) => {
      read += bytes;
      onProgress(read, Math.max(read, total));
    });
    files.push(counted);
  }
  return { coverage, files };
}

async function count(
  { path, kind, size }: FoundFile,
  coverage: Coverage,
  onBytes: (bytes: number) => void,
): Promise<CountedFile> {
  if (kind === 'recording') {
    // One coverage takes the steps of all recordings: a session may continue in the next file.
    const end = await readRecordingLines(path, (step) => coverage.add(step), onBytes);
    return { path, kind, ...end };
  }
  const other = await readCoverage(path);
  coverage.merge(other);
  onBytes(size);
  return { path, kind, steps: other.total.steps, torn: false, gaps: [] };
}

async function filesAt(path: string): Promise<FoundFile[]> {
  const there = await statOf(path);
  if (!there.isDirectory()) {
    // The beginning of a file is read first, and a pipe cannot be read twice.
    if (!there.isFile()) throw new FileError(path, null, 'is not a file: save it to one first');
    const kind = await kindOf(path);
    if (typeof kind !== 'string') throw new FileError(path, null, kind.problem);
    return [{ path, size: there.size, kind }];
  }
  const files: FoundFile[] = [];
  for (const name of await namesIn(path)) {
    const inside = join(path, name);
    const found = await stat(inside).catch(() => null);
    const kind = found?.isFile() ? await kindOf(inside) : null;
    if (found && typeof kind === 'string') files.push({ path: inside, size: found.size, kind });
  }
  if (files.length > 0) return files;
  throw new FileError(path, null, 'there is no coverage file and no recording in this folder');
}

/** The type of a file, or why it has none. */
async function kindOf(path: string): Promise<CountedFile['kind'] | { readonly problem: string }> {
  const head = (await headOf(path)).replace(/^\uFEFF/, '');
  if (head.trim() === '') return { problem: 'is empty: there is nothing to count in it' };
  if (isCoverageText(head)) return 'coverage';
  const [line = ''] = head.trimStart().split('\n', 1);
  const read = readRecordingLine(line.trim());
  if (typeof read !== 'string' || /^\{"(seq|gap)":/.test(line)) return 'recording';
  const binary = head.includes('\0') || head.includes('\uFFFD');
  const reason = binary ? 'binary' : `line 1: ${read}`;
  return { problem: `is neither a coverage file nor a recording (${reason})` };
}

async function headOf(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
