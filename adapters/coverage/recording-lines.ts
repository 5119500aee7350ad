import type { RecordingGap } from '../../machines/registration/session/gap-mark.js';
import {
  isTornLine,
  noRecording,
  readRecordingLine,
} from '../../machines/registration/session/recording.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { FileError } from '../files/file-error.js';
import { longestLine, readFileLines } from '../recording/file-lines.js';

/** The content of a recording beside its steps. */
export interface RecordingEnd {
  readonly steps: number;
  /** Whether the last line is incomplete and skipped. */
  readonly torn: boolean;
  /** All gap marks as one sentence; null without gap marks. */
  readonly gaps: readonly RecordingGap[];
}

/**
 * Reads a recording of any length line by line, in constant memory.
 * @param onStep called with each step, in the order of the file.
 * @param onBytes called with the number of newly read bytes.
 * @throws {FileError} when it cannot be read, or for its first line that is not a record.
 */
export async function readRecordingLines(
  path: string,
  onStep: (step: StepRecord) => void,
  onBytes: (bytes: number) => void,
): Promise<RecordingEnd> {
  const recording = new Lines(path, onStep);
  const take = (line: Uint8Array | 'too-long', isLast: boolean) => {
    recording.take(line, isLast);
    return true;
  };
  await readFileLines(path, take, onBytes);
  return recording.end;
}

class Lines {
  readonly #path: string;
  readonly #onStep: (step: StepRecord) => void;
  #line = 0;
  #steps = 0;
  #torn = false;
  #gap: RecordingGap | null = null;

  constructor(path: string, onStep: (step: StepRecord) => void) {
    this.#path = path;
    this.#onStep = onStep;
  }

  get end(): RecordingEnd {
    return { steps: this.#steps, torn: this.#torn, gaps: this.#gap ? [this.#gap] : [] };
  }

  take(bytes: Uint8Array | 'too-long', isLast: boolean): void {
    this.#line += 1;
    if (bytes === 'too-long') this.#refuse(`longer than ${longestLine} bytes`);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    const line = (this.#line === 1 ? text.replace(/^\uFEFF/, '') : text).trim();
    if (line === '') return;
    const read = readRecordingLine(line);
    if (typeof read === 'string') {
      this.#torn = isLast && isTornLine(line, this.#isLater);
      if (!this.#torn) this.#refuse(read);
    } else if ('gap' in read) {
      const { line: first = this.#line, at = read.at, steps = 0 } = this.#gap ?? {};
      this.#gap = { line: first, at, steps: steps + read.gap };
    } else if (!('recording' in read)) {
      this.#steps += 1;
      this.#onStep(read);
    }
  }

  get #isLater(): boolean {
    return this.#steps > 0 || this.#gap !== null;
  }

  #refuse(reason: string): never {
    const problem = this.#isLater ? reason : `${reason}: ${noRecording}`;
    throw new FileError(this.#path, this.#line, problem);
  }
}
