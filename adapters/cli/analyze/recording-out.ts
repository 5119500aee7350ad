import { closeSync, constants, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { writeProblem } from '../../recording/errors.js';
import { UsageError } from '../exit-codes.js';

/** Number of characters per write. */
const chunk = 262_144;

/**
 * A recording that is written while logs are read. Writes are synchronous: the reader waits for the disk, so
 * there is no backlog.
 */
export class RecordingOut {
  readonly path: string;
  readonly #file: number;
  readonly #isFile: boolean;
  readonly #onFailure: (failure: UsageError) => void;
  #text = '';
  #steps = 0;
  #failure: UsageError | null = null;
  #isOpen = true;

  /**
   * @param isForced overwrites an existing file
   * @param onFailure called when a write fails
   * @throws {UsageError} when the file cannot be created.
   */
  constructor(path: string, isForced: boolean, onFailure: (failure: UsageError) => void) {
    this.path = path;
    this.#onFailure = onFailure;
    try {
      const { O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } = constants;
      this.#file = openSync(path, O_CREAT | O_WRONLY | (isForced ? O_TRUNC : O_EXCL), 0o600);
      this.#isFile = fstatSync(this.#file).isFile();
    } catch (cause) {
      const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
      if (!isThere) throw notWritten(path, cause);
      throw new UsageError(
        `${path} exists already; overwrite it with --force, or choose another name`,
        { cause },
      );
    }
  }

  /** Number of written steps. */
  get steps(): number {
    return this.#steps;
  }

  add(step: StepRecord): void {
    if (this.#failure !== null) return;
    this.#steps += 1;
    this.#text += `${JSON.stringify(step)}\n`;
    if (this.#text.length > chunk) this.#flush();
  }

  /** @throws {UsageError} when a write failed. */
  end(): void {
    this.#flush();
    this.#close();
    if (this.#failure !== null) throw this.#failure;
  }

  /** Deletes the file; a device or a pipe stays. */
  remove(): void {
    this.#close();
    if (this.#isFile) rmSync(this.path, { force: true });
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    let written = 0;
    try {
      while (written < bytes.length && this.#failure === null) {
        written += writeSync(this.#file, bytes, written);
      }
    } catch (cause) {
      this.#failure = notWritten(this.path, cause);
      this.#onFailure(this.#failure);
    }
  }
}

function notWritten(path: string, cause: unknown): UsageError {
  return new UsageError(`${path} cannot be written: ${writeProblem(cause)}`, { cause });
}
