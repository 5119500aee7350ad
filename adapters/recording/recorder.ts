import { EventEmitter } from 'node:events';
import { stepJson } from '../../machines/registration/session/as-json.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { Journal } from '../server/journal.js';
import { RecordingError, writeProblem } from './errors.js';
import { FlushWaiters } from './flush-waiters.js';
import { type Line, LineQueue } from './line-queue.js';
import { type RecorderOptions, type RecorderSettings, recorderSettings } from './options.js';
import { RecordingFiles } from './recording-files.js';

/** Milliseconds for which steps are gathered into one write. */
const gathering = 10;

/** The events of a recorder. */
export interface RecorderEvents {
  /** The recorder cannot write, or not fast enough, and keeps trying. Emitted once until it works again. */
  problem: [error: RecordingError];
  /** The recorder writes again, to this file. */
  resumed: [path: string];
}

export interface RecorderCounts {
  /** Steps passed to the recorder. */
  readonly steps: number;
  /** Steps that were dropped: they are in no file. */
  readonly dropped: number;
}

/**
 * Starts a recording: creates the folder if it is missing, and the first file.
 * @throws {RecordingError} when that fails; {OptionError} for invalid options.
 */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const recorder = new Recorder(recorderSettings(options));
  await recorder.open();
  return recorder;
}

/**
 * Writes steps to files in a folder, one JSON object per line. The caller does not wait: steps are queued, and steps beyond the limit
 * are dropped and replaced by a gap mark. After a failed write the recorder tries a new file. Made by `openRecorder`.
 */
export class Recorder extends EventEmitter<RecorderEvents> implements Journal, AsyncDisposable {
  readonly #settings: RecorderSettings;
  readonly #queue: LineQueue;
  readonly #files: RecordingFiles;
  readonly #waiters = new FlushWaiters();
  /** Number of steps passed to the recorder; the number of the last one. */
  #taken = 0;
  /** The number of the last written step. */
  #recorded = 0;
  /** The number of the last dropped step. */
  #leftOut = 0;
  #dropped = 0;
  #failure: RecordingError | null = null;
  /** Whether dropped steps were reported. */
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

  /** Whether responses must wait for the disk: `sync` is `always`. */
  get requiresDurableAck(): boolean {
    return this.#settings.sync === 'always';
  }

  /** Whether steps can be recorded: false while the disk fails or is too slow, and after `close`. */
  get canRecord(): boolean {
    return this.#failure === null && this.#closing === null && !this.#isLeavingOut;
  }

  /** Whether a step was dropped whose gap mark is not written yet. */
  get #isLeavingOut(): boolean {
    return this.#leftOut > this.#recorded;
  }

  /** The current file; null while there is none. */
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
   * Resolves when all steps until now are written and, with `always`, synced to the disk. Rejects with a RecordingError when that
   * fails, or when one of them was dropped.
   */
  flushed(): Promise<void> {
    if (this.#recorded === this.#taken && this.canRecord) return Promise.resolve();
    if (!this.canRecord) {
      const problem = this.#closing ? 'it is closed' : 'a step was left out';
      return Promise.reject(this.#failure ?? this.#error(problem));
    }
    return this.#waiters.wait(this.#taken);
  }

  /** Writes the backlog and finishes the file. Later steps are ignored. */
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
    // Also after a failure: it may work again.
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

  /** Schedules a write, which gathers steps until then. If responses wait for it, it runs at the end of this turn. */
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

  /** Writes the backlog; steps that arrive meanwhile may be gathered for the next write. Never rejects. */
  async #work(): Promise<void> {
    try {
      await this.#files.begin();
      const last = this.#mayGather ? this.#taken : Number.POSITIVE_INFINITY;
      while (this.#files.isDue || this.#waits(last)) {
        if (this.#files.isDue) await this.#files.care();
        else await this.#write();
        // Not only at the end: under load the backlog is never empty.
        this.#succeeded();
      }
      this.#succeeded();
    } catch (cause) {
      await this.#failed(cause);
    }
  }

  /** Whether the backlog has a step up to the number `last`. */
  #waits(last: number): boolean {
    const { next } = this.#queue;
    return next !== undefined && next.number <= last;
  }

  /** Whether steps may be gathered: no response waits for them. */
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

  /** Abandons the file and tries a new one later. */
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

  /** Errors of listeners become warnings of the process. */
  #emit<Name extends keyof RecorderEvents>(name: Name, ...what: RecorderEvents[Name]): void {
    try {
      // The overloads of EventEmitter do not accept a type parameter as name.
      (this as EventEmitter).emit(name, ...what);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }
}

/** A step as a line; null when JSON cannot represent it (possible with custom codecs). */
function lineOf(step: StepRecord, number: number): Line | null {
  try {
    const text = `${stepJson(step)}\n`;
    return { text, bytes: Buffer.byteLength(text), number, steps: 1, at: step.at, isMark: false };
  } catch {
    return null;
  }
}
