import { isCoverageText } from '../../machines/engine/coverage/coverage-text.js';
import { Coverage } from '../../machines/registration/session/coverage.js';
import type { RecordingGap } from '../../machines/registration/session/gap-mark.js';
import { readRecordingLine } from '../../machines/registration/session/recording.js';
import { readCoverage } from './coverage-file.js';
import { emptyFile, type FoundFile, foundFiles, unreadableHead } from './found-files.js';
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
  const found = await foundFiles(paths, { kindOf, none: 'no coverage file and no recording' });
  const total = found.reduce((sum, { size }) => sum + size, 0);
  let read = 0;
  const coverage = new Coverage();
  const files: CountedFile[] = [];
  for (const file of found) {
    const counted = await count(file, coverage, (bytes) => {
      read += bytes;
      onProgress(read, Math.max(read, total));
    });
    files.push(counted);
  }
  return { coverage, files };
}

async function count(
  { path, kind, size }: FoundFile<CountedFile['kind']>,
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

/** The type of a file, or why it has none. */
function kindOf(head: string): CountedFile['kind'] | { readonly problem: string } {
  if (head.trim() === '') return { problem: emptyFile };
  if (isCoverageText(head)) return 'coverage';
  const [line = ''] = head.trimStart().split('\n', 1);
  const read = readRecordingLine(line.trim());
  if (typeof read !== 'string' || /^\{"(seq|gap|recording)":/.test(line)) return 'recording';
  return { problem: `is neither a coverage file nor a recording (${unreadableHead(head, read)})` };
}
