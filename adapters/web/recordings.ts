import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isCoverageText } from '../../machines/engine/coverage/coverage-text.js';
import type { LearnedFile } from '../../machines/engine/learning/learned-file.js';
import { isLearnedText, parseLearned } from '../../machines/engine/learning/parse-learned.js';
import { type Coverage, parseCoverage } from '../../machines/registration/session/coverage.js';
import type { RecordingEntry, RecordingIndex } from '../../machines/registration/session/feed.js';
import type { RecordingGap } from '../../machines/registration/session/gap-mark.js';
import { parseRecording, sessionsOf } from '../../machines/registration/session/recording.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { FileError } from '../files/file-error.js';
import { readText } from '../files/structured-file.js';
import { type Answer, errorAnswer, type FileAnswer, json } from './answer.js';

/** A recording that was read from a file. */
export interface RecordingFile {
  readonly path: string;
  readonly steps: readonly StepRecord[];
  /** Whether the last line is incomplete; it is ignored. */
  readonly torn: boolean;
  readonly gaps: readonly RecordingGap[];
}

/** A coverage that was read from a file. */
export interface CoverageFile {
  readonly path: string;
  readonly coverage: Coverage;
}

/** The file of a learned machine. */
export interface LearnedMachineFile {
  readonly path: string;
  readonly learned: LearnedFile;
}

/** A file that the page can show. */
export type ShownFile = RecordingFile | CoverageFile | LearnedMachineFile;

/**
 * Reads a recording.
 * @throws {FileError} when it cannot be read, or with its first invalid line.
 */
export async function readRecording(path: string): Promise<RecordingFile> {
  return recordingFrom(path, await readText(path));
}

/**
 * Reads a recording, a coverage file or a learned machine, recognized by its beginning.
 * @throws {FileError} when it cannot be read or is invalid.
 */
export async function readShownFile(path: string): Promise<ShownFile> {
  const text = await readText(path);
  if (isLearnedText(text)) {
    const { file, problem } = parseLearned(text);
    if (file) return { path, learned: file };
    throw new FileError(path, null, problem);
  }
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

/** The URLs of recordings and other shown files: an index at `/recordings.json`, and `/recordings/1` and so on. */
export class RecordingPages {
  readonly #files: readonly ShownFile[];
  readonly #index: RecordingIndex;

  /** @param isLive whether there is a feed of live sessions. */
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

  /** The answer to a path of a recording or the index; null for other paths. */
  async find(path: string): Promise<Answer | FileAnswer | null> {
    if (path === '/recordings.json') return json(200, this.#index);
    const [, number] = /^\/recordings\/(\d{1,6})$/.exec(path) ?? [];
    if (number === undefined) return null;
    const file = this.#files[Number(number) - 1];
    if (!file) return errorAnswer(404, `recording not found; there are ${this.#files.length}`);
    try {
      const path = resolve(file.path);
      await access(path, constants.R_OK);
      // The file may have grown.
      const found = await stat(path);
      if (!found.isFile()) return errorAnswer(404, 'the recording is not a regular file any more');
      const { size } = found;
      const type = 'steps' in file ? 'application/x-ndjson' : 'application/json';
      return { status: 200, headers: { 'content-type': type }, body: { path, size } };
    } catch {
      return errorAnswer(404, 'the file was removed');
    }
  }
}

function sizeOf(file: ShownFile): Pick<RecordingEntry, 'steps' | 'sessions'> {
  if ('coverage' in file) {
    const { steps, sessions } = file.coverage.total;
    return { steps, sessions };
  }
  if ('learned' in file) return { steps: 0, sessions: file.learned.connections };
  return { steps: file.steps.length, sessions: sessionsOf(file.steps).size };
}
