import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  parseRecording,
  type RecordingEntry,
  type RecordingGap,
  type RecordingIndex,
  type StepRecord,
  sessionsOf,
} from '../../machines/index.js';
import { FileError, readText } from '../config/structured-file.js';
import { type Answer, errorAnswer, json } from './answer.js';

/** A recording that was read from a file. */
export interface RecordingFile {
  readonly path: string;
  readonly steps: readonly StepRecord[];
  /** The last line is cut off, and left out. */
  readonly torn: boolean;
  readonly gaps: readonly RecordingGap[];
}

/**
 * Reads a recording.
 * @throws {FileError} when it cannot be read, or for its first line that is no record.
 */
export async function readRecording(path: string): Promise<RecordingFile> {
  const { steps, problems, torn, gaps } = parseRecording(await readText(path));
  const [first] = problems;
  if (!first) return { path, steps, torn, gaps };
  const more = problems.length - 1;
  const others = more === 0 ? '' : ` (and ${more} more ${more === 1 ? 'line' : 'lines'})`;
  throw new FileError(path, first.line, `${first.reason}${others}`);
}

/** Recordings as the page finds them: `/recordings.json`, and each at `/recordings/1` and so on. */
export class RecordingPages {
  readonly #files: readonly RecordingFile[];
  readonly #index: RecordingIndex;

  constructor(files: readonly RecordingFile[]) {
    this.#files = files;
    const recordings = files.map(
      ({ path, steps }, index): RecordingEntry => ({
        name: basename(path),
        path: `/recordings/${index + 1}`,
        steps: steps.length,
        sessions: sessionsOf(steps).size,
      }),
    );
    this.#index = { gate: false, recordings };
  }

  /** The answer to a path of its own; null for others. */
  async find(path: string): Promise<Answer | null> {
    if (path === '/recordings.json') return json(200, this.#index);
    const [, number] = /^\/recordings\/(\d{1,6})$/.exec(path) ?? [];
    if (number === undefined) return null;
    const file = this.#files[Number(number) - 1];
    if (!file) return errorAnswer(404, `there are ${this.#files.length} recordings`);
    try {
      // Anew, because it may have grown.
      const body = await readFile(resolve(file.path));
      return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body };
    } catch {
      return errorAnswer(404, 'the file is gone');
    }
  }
}
