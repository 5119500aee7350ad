import type { ObservedSession } from '../../../machines/registration/observer/observed-session.js';
import type { Finding } from '../../../machines/registration/session/findings.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { analyzeLogs, type Log, type LogFormat, type LogsRead } from '../../observer/index.js';
import { type CommandIo, processIo } from '../../runtime/command-io.js';
import { UsageError } from '../exit-codes.js';
import { progressOf } from '../testing/progress.js';
import { formatsFrom } from './formats.js';

/** The options of reading, as commander parses them. */
export interface ReadingFlags {
  readonly registrationTimeout?: number | undefined;
  readonly rejectionTimeout?: number | undefined;
  readonly tolerance?: number | undefined;
  readonly redactNames?: readonly string[] | undefined;
  readonly aliases?: string | undefined;
  readonly mapping?: string | undefined;
  readonly format?: string | undefined;
  readonly follow?: boolean | undefined;
}

/** The callbacks of a reading. */
export interface LogListener {
  readonly onStep?: (step: StepRecord, log: Log) => void;
  readonly onFinding?: (finding: Finding, log: Log) => void;
  readonly onSession?: (session: ObservedSession, log: Log) => void;
}

const standardInput = '-';
const megabyte = 1_000_000;

/** The reading was stopped early because no more output is needed. */
export class ReadingStopped extends Error {
  override readonly name = 'ReadingStopped';
}

/** The logs of a command. Files can be read several times, standard input once. */
export class Reading {
  readonly paths: readonly string[];
  readonly #flags: ReadingFlags;
  readonly #formats: readonly LogFormat[];
  readonly #abort = new AbortController();
  #progress: { end(): void } | null = null;

  readonly #io: CommandIo;
  readonly #analyze: typeof analyzeLogs;

  /**
   * @param inspect reads the logs
   * @param io has the output that may close and the input for `-`
   */
  constructor(
    paths: readonly string[],
    flags: ReadingFlags,
    formats: readonly LogFormat[],
    analyze = analyzeLogs,
    io: CommandIo = processIo,
  ) {
    this.#io = io;
    this.paths = paths;
    this.#flags = flags;
    this.#formats = formats;
    this.#analyze = analyze;
  }

  /** @throws {FileError} for an invalid alias or mapping file, {UsageError} for an unknown format. */
  static async open(
    paths: readonly string[],
    flags: ReadingFlags,
    io: CommandIo,
  ): Promise<Reading> {
    return new Reading(paths, flags, await formatsFrom(flags), analyzeLogs, io);
  }

  /** Stops the reading. Following a log then ends normally; otherwise `read` rejects with the reason. */
  stop(reason: Error = new ReadingStopped()): void {
    this.#abort.abort(reason);
  }

  get isPipe(): boolean {
    return this.paths.includes(standardInput);
  }

  /** @throws {UsageError} when standard input is among the logs: it cannot be read twice. @param why the option that needs two readings */
  mustBeFiles(why: string): void {
    if (!this.isPipe) return;
    throw new UsageError(
      `${why} reads the logs twice, and standard input can be read only once; save it to a file first`,
    );
  }

  /** Removes the progress bar before lines are written to the terminal. */
  readonly endProgress = (): void => {
    if (this.#io.stdout.isTTY) this.#progress?.end();
  };

  /** @throws {FileError} for an unreadable file or one that is not a log, and the reason given to `stop`. */
  async read(listener: LogListener): Promise<LogsRead> {
    const { registrationTimeout, rejectionTimeout, tolerance, redactNames, follow } = this.#flags;
    const progress = follow ? null : oncePresent(progressOf('MB', this.#io.stderr));
    this.#progress = progress;
    // The reader of the output may have ended (`| head`): stop reading.
    const stop = () => this.stop();
    this.#io.stdout.on('error', stop);
    try {
      return await this.#analyze(this.paths, {
        ...listener,
        registrationTimeout,
        rejectionTimeout,
        tolerance,
        redactNames,
        follow,
        stdin: this.#io.stdin,
        formats: this.#formats,
        signal: this.#abort.signal,
        onProgress:
          progress === null
            ? undefined
            : (read, total) =>
                progress.at(
                  Math.floor(read / megabyte),
                  total === null ? undefined : Math.ceil(total / megabyte),
                ),
      });
    } finally {
      this.#io.stdout.off('error', stop);
      progress?.end();
    }
  }
}

/** A progress bar that stays away after its end. */
function oncePresent(progress: ReturnType<typeof progressOf>) {
  let isOver = false;
  return {
    at: (done: number, total?: number) => {
      if (!isOver) progress.at(done, total);
    },
    end: () => {
      if (!isOver) progress.end();
      isOver = true;
    },
  };
}
