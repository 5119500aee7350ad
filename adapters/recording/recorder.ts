import { EventEmitter } from 'node:events';
import { type StepRecord, stepJson } from '../../machines/index.js';
import type { Journal } from '../server/journal.js';
import { RecordingError, writeProblem } from './errors.js';
import { FlushWaiters } from './flush-waiters.js';
import { type Line, LineQueue } from './line-queue.js';
import { type RecorderOptions, type RecorderSettings, recorderSettings } from './options.js';
import { RecordingFiles } from './recording-files.js';

/** Milliseconds that steps wait for others to be written with. */
const gathering = 10;

/** What a recorder tells those who listen to it. */
export interface RecorderEvents {
  /** It cannot write, or not fast enough, and goes on. Told once, until it can again. */
  problem: [error: RecordingError];
  /** It can write again, to this file. */
  resumed: [path: string];
}

export interface RecorderCounts {
  /** Steps taken. */
  readonly steps: number;
  /** Those among them that are in no file. */
  readonly dropped: number;
}

/**
 * Starts a recording: creates the folder, unless it is there, and the first file.
 * @throws {RecordingError} when that cannot be done; {OptionError} for options that cannot be used.
 */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const recorder = new Recorder(recorderSettings(options));
  await recorder.open();
  return recorder;
}

/**
 * Writes steps to files in a folder, one JSON object a line. The caller does not wait for it: steps are queued, and what does not fit is left
 * out with a gap mark in its place. What the disk refuses is tried again with a new file. Made by `openRecorder`.
 */
export class Recorder extends EventEmitter<RecorderEvents> implements Journal, AsyncDisposable {
  readonly #settings: RecorderSettings;
  readonly #queue: LineQueue;
  readonly #files: RecordingFiles;
  readonly #waiters = new FlushWaiters();
  /** Steps taken. Each has its number. */
  #taken = 0;
  /** The number of the last step that is recorded. */
  #recorded = 0;
  /** The number of the last step that was left out. */
  #leftOut = 0;
  #dropped = 0;
  #failure: RecordingError | null = null;
  /** Whether it was told that steps are left out. */
  #isBehind = false;
  #isScheduled = false;
  #working: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | null = null;

  /** @internal */
  constructor(settings: RecorderSettings) {
    super();
    this.#settings = settings;
    this.#queue = new LineQueue(settings.maxWaiting);
    this.#files = new RecordingFiles(settings, {
      due: () => this.#schedule(),
      lost: (lost) => {
        this.#queue.markLost(lost);
        this.#dropped += lost.steps;
      },
      problem: (cause) => this.#tell(`old files are not removed: ${writeProblem(cause)}`, cause),
    });
  }

  /** @internal */
  async open(): Promise<void> {
    try {
      await this.#files.begin();
    } catch (cause) {
      await this.#files.abandon();
      throw this.#error(`it cannot be written: ${writeProblem(cause)}`, cause);
    }
  }

  /** Whether answers wait for the disk: `sync` is `always`. */
  get requiresDurableAck(): boolean {
    return this.#settings.sync === 'always';
  }

  /** Whether steps are being written: not while the disk refuses or is too slow, nor after `close`. */
  get canRecord(): boolean {
    return this.#failure === null && this.#closing === null && !this.#isLeavingOut;
  }

  /** Whether a step was left out, and the gap mark that stands for it is in no file yet. */
  get #isLeavingOut(): boolean {
    return this.#leftOut > this.#recorded;
  }

  /** The file that is being written; null while there is none. */
  get path(): string | null {
    return this.#files.path;
  }

  counts(): RecorderCounts {
    return { steps: this.#taken, dropped: this.#dropped };
  }

  record(step: StepRecord): void {
    if (this.#closing) return;
    this.#taken += 1;
    const line = lineOf(step, this.#taken);
    const isTaken = this.#queue.add(line ?? { number: this.#taken, at: step.at });
    if (!isTaken) {
      this.#leaveOut(
        line === null
          ? 'a step holds what JSON cannot write. It is left out'
          : 'the disk does not keep up. Steps are left out until it does',
      );
    }
    this.#schedule();
  }

  /**
   * Resolves when the steps taken until now are written, and with `always` outlive the machine. Rejects with a RecordingError when
   * that fails, or one of them was left out.
   */
  flushed(): Promise<void> {
    if (this.#recorded === this.#taken && this.canRecord) return Promise.resolve();
    if (!this.canRecord) {
      const problem = this.#closing ? 'it is closed' : 'a step was left out';
      return Promise.reject(this.#failure ?? this.#error(problem));
    }
    return this.#waiters.wait(this.#taken);
  }

  /** Writes what waits and finishes the file. What is recorded later is ignored. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#queue.end();
    await this.#working;
    // Also after a failure: it may be over.
    if (!this.#queue.isEmpty) await this.#work();
    try {
      await this.#files.finish();
    } catch (cause) {
      this.#tell(`its last file is not finished: ${writeProblem(cause)}`, cause);
    }
    const { steps } = this.#queue;
    this.#dropped += steps;
    if (steps > 0) this.#tell(`its last steps, ${steps} of them, are not written`, this.#failure);
    this.#waiters.reject(this.#error('it is closed'));
  }

  /** Works soon: what comes until then goes out in one write. Where answers wait for it, that is at the end of this turn. */
  #schedule(): void {
    if (this.#isScheduled || this.#working || this.#failure || this.#closing) return;
    this.#isScheduled = true;
    const work = () => {
      this.#isScheduled = false;
      if (!this.#closing) this.#start();
    };
    if (this.requiresDurableAck) setImmediate(work);
    else setTimeout(work, gathering);
  }

  #start(): void {
    this.#working = this.#work().finally(() => {
      this.#working = null;
      if (!this.#queue.isEmpty || this.#files.isDue) this.#schedule();
    });
  }

  /** Writes what waits; what comes meanwhile may wait for more to come. Never rejects. */
  async #work(): Promise<void> {
    try {
      await this.#files.begin();
      const last = this.#mayGather ? this.#taken : Number.POSITIVE_INFINITY;
      while (this.#files.isDue || this.#waits(last)) {
        if (this.#files.isDue) await this.#files.care();
        else await this.#write();
        // Not only at the end: under load something always waits.
        this.#succeeded();
      }
      this.#succeeded();
    } catch (cause) {
      await this.#failed(cause);
    }
  }

  /** Whether a step waits whose number is not after `last`. */
  #waits(last: number): boolean {
    const { next } = this.#queue;
    return next !== undefined && next.number <= last;
  }

  /** Nothing waits for what is written. */
  get #mayGather(): boolean {
    return !this.requiresDurableAck && this.#closing === null;
  }

  async #write(): Promise<void> {
    const { lines, error } = await this.#files.write(this.#queue);
    this.#queue.written(lines.length);
    this.#recorded = Math.max(this.#recorded, lines.at(-1)?.number ?? 0);
    if (!this.#isLeavingOut) this.#isBehind = false;
    this.#waiters.resolve(this.#recorded);
    if (error !== null) throw error;
  }

  #leaveOut(problem: string): void {
    this.#leftOut = this.#taken;
    this.#dropped += 1;
    if (this.#isBehind || this.#failure) return;
    this.#isBehind = true;
    this.#emit('problem', new RecordingError('RECORD_BEHIND', this.#settings.folder, problem));
  }

  #succeeded(): void {
    if (this.#failure === null) return;
    this.#failure = null;
    this.#emit('resumed', this.#files.path ?? '');
  }

  /** Gives the file up, and tries a new one later. */
  async #failed(cause: unknown): Promise<void> {
    const seconds = this.#settings.retryDelay / 1_000;
    const next = `The gate goes on; a new file is tried every ${seconds} s`;
    const problem = `it cannot be written: ${writeProblem(cause)}. ${next}`;
    const isNew = this.#failure === null;
    this.#failure = isNew ? this.#error(problem, cause) : this.#failure;
    this.#waiters.reject(this.#failure as RecordingError);
    if (isNew) this.#emit('problem', this.#failure as RecordingError);
    await this.#files.abandon();
    if (this.#closing) return;
    this.#retryTimer = setTimeout(() => this.#start(), this.#settings.retryDelay).unref();
  }

  #error(problem: string, cause?: unknown): RecordingError {
    return new RecordingError('RECORD_FAILED', this.#settings.folder, problem, { cause });
  }

  #tell(problem: string, cause: unknown): void {
    this.#emit('problem', this.#error(problem, cause));
  }

  /** An error of a listener has no effect. */
  #emit<Name extends keyof RecorderEvents>(name: Name, ...what: RecorderEvents[Name]): void {
    try {
      // EventEmitter's overloads cannot follow a name that is itself a type parameter.
      (this as EventEmitter).emit(name, ...what);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }
}

/** A step as a line; null when it holds what JSON has no way to write (a codec of somebody else's can do that). */
function lineOf(step: StepRecord, number: number): Line | null {
  try {
    const text = `${stepJson(step)}\n`;
    return { text, bytes: Buffer.byteLength(text), number, steps: 1, at: step.at, isMark: false };
  } catch {
    return null;
  }
}
