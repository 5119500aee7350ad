import { AppendingFile } from './appending-file.js';
import { LogFileError, logProblem } from './errors.js';
import { droppedLine, type LineOutput, ownLine } from './line-output.js';
import { moveAway, removeOldest } from './rotated-files.js';

/** Milliseconds between two checks of the file; a failed write or rotation is tried again then. */
const checkInterval = 5_000;
/** Milliseconds after which SIGUSR2 may rotate a file that was created because the one before was moved away. */
const settled = 60_000;

export interface Rotation {
  /** Maximum size of a file in bytes; the next line begins a new file. */
  readonly size: number;
  /** Maximum age of a file in milliseconds; null for any. */
  readonly age: number | null;
  /** Number of full files that are kept. */
  readonly keep: number;
}

export interface LogFileOptions {
  readonly path: string;
  /** Permissions of files that it creates. */
  readonly mode: number;
  /** Null for a file that only grows. */
  readonly rotation: Rotation | null;
  /** Whether each line is synced to the disk. */
  readonly isDurable: boolean;
  /** Called once for each problem until it is over. */
  readonly onProblem: (error: LogFileError) => void;
}

type Problem = 'write' | 'rotate' | 'missing';

/**
 * A log file that is rotated by size and age, and at a signal. While the disk is full, the backlog waits and further lines are dropped
 * and counted. A file that was moved or removed is created again.
 */
export class LogFile implements LineOutput {
  readonly #options: LogFileOptions;
  readonly #timer: NodeJS.Timeout;
  #file: AppendingFile;
  #work: Promise<void> = Promise.resolve();
  #isFailing = false;
  /** Whether the file was removed and cannot be created. */
  #isLost = false;
  #isRotating = false;
  /** When a rotation may be tried again after a failure, on the monotonic clock. */
  #rotatesAt = 0;
  /** Whether a check waits or runs: on a disk that hangs they must not pile up. */
  #isChecking = false;
  #isClosed = false;
  #dropped = 0;
  /** Lines since the last check: they are lost if the file was removed meanwhile. */
  #unchecked = 0;
  /** Checks in a row that found the file moved away. */
  #moved = 0;
  #recreatedAt = Number.NEGATIVE_INFINITY;
  readonly #problems = new Set<Problem>();
  /** Resolves when the file before is closed. */
  #before: Promise<void> = Promise.resolve();

  /** @throws {LogFileError} when the file cannot be opened or created. */
  static async open(options: LogFileOptions): Promise<LogFile> {
    try {
      return new LogFile(options, await opened(options));
    } catch (error) {
      const problem = `it cannot be opened: ${logProblem(error)}`;
      throw new LogFileError(options.path, problem, { cause: error });
    }
  }

  private constructor(options: LogFileOptions, file: AppendingFile) {
    this.#options = options;
    this.#file = file;
    this.#follow(file);
    this.#timer = setInterval(() => {
      if (this.#isChecking) return;
      this.#isChecking = true;
      void this.#enqueue(() => this.#check());
    }, checkInterval).unref();
  }

  write(line: string): void {
    if (this.#isClosed) return;
    if (this.#isLost) {
      this.#dropped += 1;
      return;
    }
    this.#rotateIfFull(line);
    this.#unchecked += 1;
    this.#file.write(line);
  }

  announce(line: string): void {
    this.write(line);
  }

  /** For SIGUSR2: creates a file that was moved away, or rotates. Resolves when that is done. */
  reopen(): Promise<void> {
    return this.#enqueue(async () => {
      // The signal may come after a check has found that the file was moved away.
      const isDone = performance.now() - this.#recreatedAt < settled;
      if (!isDone || this.#moved > 0) await this.#rotateOrRecreate('SIGUSR2');
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
    this.#isClosed = true;
    await Promise.all([this.#before, this.#file.end()]);
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step);
    return this.#work;
  }

  #follow(file: AppendingFile): void {
    file.on('failed', (error) => {
      if (file !== this.#file) return;
      this.#isFailing = true;
      const waits = 'Up to 1 MiB of lines wait, further lines are dropped';
      this.#report('write', `it cannot be written: ${logProblem(error)}. ${waits}`, error);
    });
    file.on('written', () => {
      if (file !== this.#file) return;
      this.#isFailing = false;
      this.#problems.delete('write');
    });
    file.on('dropped', (lines) => {
      this.#dropped += lines;
    });
    file.on('drained', () => {
      if (file === this.#file) this.#reportDropped();
    });
  }

  #rotateIfFull(line: string): void {
    if (this.#isRotating || this.#isFailing || performance.now() < this.#rotatesAt) return;
    const reason = this.#fullFor(line);
    if (reason === null) return;
    this.#isRotating = true;
    void this.#enqueue(() => this.#rotateOrRecreate(reason));
  }

  /** Why the file is full; null while it is not. */
  #fullFor(line: string): 'size' | 'age' | null {
    const { rotation } = this.#options;
    const { size, since } = this.#file;
    if (rotation === null || size === 0) return null;
    if (size + Buffer.byteLength(line) > rotation.size) return 'size';
    return rotation.age !== null && Date.now() - since >= rotation.age ? 'age' : null;
  }

  async #rotateOrRecreate(reason: 'size' | 'age' | 'SIGUSR2'): Promise<void> {
    const place = await this.#file.placeOf(this.#options.path);
    if (place === 'here') await this.#rotate(reason);
    else await this.#recreate(reason === 'SIGUSR2' ? reason : 'missing', place === 'removed');
    this.#isRotating = false;
  }

  async #check(): Promise<void> {
    if (this.#isFailing) this.#file.retry();
    const place = await this.#file.placeOf(this.#options.path);
    this.#moved = place === 'moved' ? this.#moved + 1 : 0;
    // A program that moves the file away sends SIGUSR2 soon after.
    if (place === 'removed' || this.#moved > 1)
      await this.#recreate('missing', place === 'removed');
    else if (place === 'here') this.#unchecked = 0;
    this.#isChecking = false;
  }

  async #rotate(reason: 'size' | 'age' | 'SIGUSR2'): Promise<void> {
    const { path: file, rotation } = this.#options;
    if (rotation === null) return;
    try {
      const rotated = await moveAway(file);
      const text = `the log continues in this file (${reason}); before it: ${rotated}`;
      const line = ownLine('info', text, { event: 'log-rotated', file, rotated, reason });
      this.#continueIn(await opened(this.#options), line);
      this.#problems.delete('rotate');
      await removeOldest(file, rotation.keep);
    } catch (error) {
      // If the file has its new name already, the next check creates the new file.
      this.#report('rotate', `it cannot be rotated: ${logProblem(error)}`, error);
      this.#rotatesAt = performance.now() + checkInterval;
    }
  }

  /** Creates the file again after it was moved or removed. */
  async #recreate(reason: 'SIGUSR2' | 'missing', isRemoved: boolean): Promise<void> {
    const { path: file } = this.#options;
    if (isRemoved) this.#dropped += this.#unchecked;
    this.#unchecked = 0;
    try {
      const text = `the log continues in this file: the one before was ${isRemoved ? 'removed' : 'moved'}`;
      const line = ownLine('info', text, { event: 'log-reopened', file, reason });
      this.#continueIn(await opened(this.#options), line);
      if (reason === 'missing') this.#recreatedAt = performance.now();
    } catch (error) {
      this.#isLost = isRemoved;
      const fate = isRemoved ? 'lines are dropped' : 'lines go to the moved file';
      const problem = `it is missing and cannot be created: ${logProblem(error)}. Meanwhile ${fate}`;
      this.#report('missing', problem, error);
    }
  }

  #continueIn(file: AppendingFile, line: string): void {
    const before = this.#file;
    this.#file = file;
    this.#follow(file);
    this.#isFailing = false;
    this.#isLost = false;
    this.#moved = 0;
    this.#unchecked = 0;
    this.#problems.delete('write');
    this.#problems.delete('missing');
    file.write(line);
    this.#reportDropped();
    this.#before = before.end().then(() => this.#reportDropped());
  }

  #reportDropped(): void {
    if (this.#dropped === 0 || this.#isLost) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#file.write(droppedLine(dropped));
  }

  /** Reports a problem of a kind once until it is over. */
  #report(kind: Problem, problem: string, cause: unknown): void {
    if (this.#problems.has(kind)) return;
    this.#problems.add(kind);
    const text = `${problem}. The gate goes on`;
    this.#options.onProblem(new LogFileError(this.#options.path, text, { cause }));
  }
}

function opened({ path, mode, isDurable }: LogFileOptions): Promise<AppendingFile> {
  return AppendingFile.open(path, mode, isDurable);
}
