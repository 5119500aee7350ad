import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  type Coverage,
  isCoverageText,
  parseCoverage,
  parseRecording,
  type RecordingEntry,
  type RecordingGap,
  type RecordingIndex,
  type StepRecord,
  sessionsOf,
} from '../../machines/index.js';
import { FileError } from '../files/file-error.js';
import { readText } from '../files/structured-file.js';
import { type Answer, errorAnswer, json } from './answer.js';

/** A recording that was read from a file. */
export interface RecordingFile {
  readonly path: string;
  readonly steps: readonly StepRecord[];
  /** The last line is cut off, and left out. */
  readonly torn: boolean;
  readonly gaps: readonly RecordingGap[];
}

/** A coverage that was read from a file. */
export interface CoverageFile {
  readonly path: string;
  readonly coverage: Coverage;
}

/** What the page can be opened on. */
export type ShownFile = RecordingFile | CoverageFile;

/**
 * Reads a recording.
 * @throws {FileError} when it cannot be read, or for its first line that is not a record.
 */
export async function readRecording(path: string): Promise<RecordingFile> {
  return recordingFrom(path, await readText(path));
}

/**
 * Reads a recording or a coverage file, whichever its beginning says it is.
 * @throws {FileError} when it cannot be read, or says what is wrong with it.
 */
export async function readShownFile(path: string): Promise<ShownFile> {
  const text = await readText(path);
  if (!isCoverageText(text)) return recordingFrom(path, text);
  const { coverage, problem } = parseCoverage(text);
  if (coverage) return { path, coverage };
  throw new FileError(path, null, problem);
}

function recordingFrom(path: string, text: string): RecordingFile {
  const { steps, problems, torn, gaps } = parseRecording(text);
  const [first] = problems;
  if (!first) return { path, steps, torn, gaps };
  const more = problems.length - 1;
  const others = more === 0 ? '' : ` (and ${more} more ${more === 1 ? 'line' : 'lines'})`;
  throw new FileError(path, first.line, `${first.reason}${others}`);
}

/** Recordings and coverages as the page finds them: `/recordings.json`, and each at `/recordings/1` and so on. */
export class RecordingPages {
  readonly #files: readonly ShownFile[];
  readonly #index: RecordingIndex;

  /** @param isLive whether sessions are shown as they happen, too. */
  constructor(files: readonly ShownFile[], isLive = false) {
    this.#files = files;
    const recordings = files.map(
      (file, index): RecordingEntry => ({
        name: basename(file.path),
        path: `/recordings/${index + 1}`,
        ...sizeOf(file),
      }),
    );
    this.#index = { gate: isLive, recordings };
  }

  /** The answer to a path of its own; null for others. */
  async find(path: string): Promise<Answer | null> {
    if (path === '/recordings.json') return json(200, this.#index);
    const [, number] = /^\/recordings\/(\d{1,6})$/.exec(path) ?? [];
    if (number === undefined) return null;
    const file = this.#files[Number(number) - 1];
    if (!file) return errorAnswer(404, `there are ${this.#files.length} recordings`);
    try {
      const path = resolve(file.path);
      await access(path, constants.R_OK);
      // It may have grown.
      const found = await stat(path);
      if (!found.isFile()) return errorAnswer(404, 'this is no regular file any more');
      const { size } = found;
      const type = 'coverage' in file ? 'application/json' : 'application/x-ndjson';
      return { status: 200, headers: { 'content-type': type }, body: { path, size } };
    } catch {
      return errorAnswer(404, 'the file is gone');
    }
  }
}

function sizeOf(file: ShownFile): Pick<RecordingEntry, 'steps' | 'sessions'> {
  if ('coverage' in file) {
    const { steps, sessions } = file.coverage.total;
    return { steps, sessions };
  }
  return { steps: file.steps.length, sessions: sessionsOf(file.steps).size };
}
