/** Recordings of an inspector: one message a line. */
import { basename, dirname } from 'node:path';
import { RecordingError } from '../recording/errors.js';
import { LineQueue } from '../recording/line-queue.js';
import { RecordingFile } from '../recording/recording-file.js';
import { toError } from '../runtime/errors.js';
import { writeProblemOf } from '../runtime/write-problem.js';

/** Maximum backlog in bytes; messages beyond it are dropped, with a gap mark. */
const mostWaiting = 67_108_864;
/** Maximum bytes per write, except for a longer line. */
const largestWrite = 1_048_576;

const problems = {
  EEXIST: 'the file exists already. Choose another name, or remove it',
  ENOENT: 'the folder does not exist. Create it first',
  ENOTDIR: 'its folder is not a folder. Choose another name',
  EISDIR: 'it is a folder. Choose the name of a file',
};

/** A line of a recording: a message of an app as it arrived. Other lines begin or end an app, or are gap marks. */
export interface RecordedMessage {
  /** Id of the app in its inspector. */
  readonly app: string;
  /** When it arrived: wall clock, milliseconds since 1970. */
  readonly at: number;
  readonly message: unknown;
}

/** Writes lines to one new file. After an error it writes no more. */
export class MessageLog implements AsyncDisposable {
  readonly #file: RecordingFile;
  readonly #path: string;
  readonly #queue = new LineQueue(mostWaiting);
  readonly #onProblem: (error: RecordingError) => void;
  #count = 0;
  #hasFailed = false;
  #working: Promise<void> | null = null;

  private constructor(
    file: RecordingFile,
    path: string,
    onProblem: (error: RecordingError) => void,
  ) {
    this.#file = file;
    this.#path = path;
    this.#onProblem = onProblem;
  }

  /**
   * Creates the file, for its owner only.
   * @param onProblem called once when it cannot be written later
   * @throws {RecordingError} RECORD_FAILED when it cannot be created, or exists
   */
  static async open(path: string, onProblem: (error: RecordingError) => void): Promise<MessageLog> {
    try {
      const file = await RecordingFile.begin(dirname(path), basename(path));
      return new MessageLog(file, path, onProblem);
    } catch (cause) {
      throw failure(path, cause);
    }
  }

  /** Adds a line. @param at wall clock, milliseconds since 1970 */
  add(line: string, at: number): void {
    if (this.#hasFailed) return;
    this.#count += 1;
    const text = `${line}\n`;
    const bytes = Buffer.byteLength(text);
    this.#queue.add({ text, bytes, number: this.#count, steps: 1, isMark: false, at });
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Writes the backlog and closes the file. */
  async close(): Promise<void> {
    this.#queue.end();
    await this.#working;
    await this.#work();
    if (!this.#hasFailed) await this.#file.close().catch((cause) => this.#failed(cause));
    this.#hasFailed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #work(): Promise<void> {
    // Messages of this turn are written together.
    await Promise.resolve();
    while (!this.#queue.isEmpty && !this.#hasFailed) {
      const { whole, error } = await this.#file.write(this.#queue.first(largestWrite, 1));
      this.#queue.written(whole);
      if (error !== null) await this.#failed(error);
    }
  }

  async #failed(cause: unknown): Promise<void> {
    this.#hasFailed = true;
    await this.#file.close().catch(() => {});
    this.#onProblem(failure(this.#path, cause));
  }
}

function failure(path: string, cause: unknown): RecordingError {
  const problem = writeProblemOf(toError(cause), problems);
  return new RecordingError('RECORD_FAILED', path, `it cannot be written: ${problem}`, { cause });
}
