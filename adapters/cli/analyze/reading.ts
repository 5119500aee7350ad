import type { Finding, ObservedSession, StepRecord } from '../../../machines/index.js';
import { inspectLogs, type Log, type LogFormat, type LogsRead } from '../../observer/index.js';
import { type CommandIo, processIo } from '../../runtime/command-io.js';
import { UsageError } from '../exit-codes.js';
import { progressOf } from '../testing/progress.js';
import { formatsFrom } from './formats.js';

/** How logs are read, as commander gives it. */
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

/** Who is told what is in the logs. */
export interface LogListener {
  readonly onStep?: (step: StepRecord, log: Log) => void;
  readonly onFinding?: (finding: Finding, log: Log) => void;
  readonly onSession?: (session: ObservedSession, log: Log) => void;
}

const standardInput = '-';
const megabyte = 1_000_000;

/** The logs were not read to their end, because nobody needs more of them. */
export class ReadingStopped extends Error {
  override readonly name = 'ReadingStopped';
}

/** The logs of a command: they can be read once, or where they are files, as often as is needed. */
export class Reading {
  readonly paths: readonly string[];
  readonly #flags: ReadingFlags;
  readonly #formats: readonly LogFormat[];
  readonly #abort = new AbortController();
  #progress: { end(): void } | null = null;

  readonly #io: CommandIo;
  readonly #inspect: typeof inspectLogs;

  /**
   * @param inspect reads the logs
   * @param io has the output that may close and the input for `-`
   */
  constructor(
    paths: readonly string[],
    flags: ReadingFlags,
    formats: readonly LogFormat[],
    inspect = inspectLogs,
    io: CommandIo = processIo,
  ) {
    this.#io = io;
    this.paths = paths;
    this.#flags = flags;
    this.#formats = formats;
    this.#inspect = inspect;
  }

  /** @throws {FileError} for an alias or mapping file, {UsageError} for a format that there is not. */
  static async open(
    paths: readonly string[],
    flags: ReadingFlags,
    io: CommandIo,
  ): Promise<Reading> {
    return new Reading(paths, flags, await formatsFrom(flags), inspectLogs, io);
  }

  /** Ends the reading. Where logs are followed that is how it ends; else `read` rejects with the reason. */
  stop(reason: Error = new ReadingStopped()): void {
    this.#abort.abort(reason);
  }

  get isPipe(): boolean {
    return this.paths.includes(standardInput);
  }

  /** @throws {UsageError} when standard input is among the logs: it cannot be read again. @param why what reads them twice */
  mustBeFiles(why: string): void {
    if (!this.isPipe) return;
    throw new UsageError(
      `${why} reads the logs twice, and standard input can be read once only; save it to a file first`,
    );
  }

  /** A bar on the terminal would be in the way of lines there. */
  readonly endProgress = (): void => {
    if (this.#io.stdout.isTTY) this.#progress?.end();
  };

  /** @throws {FileError} when a file cannot be read or is not a log, and what `stop` was given. */
  async read(listener: LogListener): Promise<LogsRead> {
    const { registrationTimeout, rejectionTimeout, tolerance, redactNames, follow } = this.#flags;
    const progress = follow ? null : oncePresent(progressOf('MB', this.#io.stderr));
    this.#progress = progress;
    // The reader of the output may have gone (`| head`): there is no reason to read on.
    const stop = () => this.stop();
    this.#io.stdout.on('error', stop);
    try {
      return await this.#inspect(this.paths, {
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

/** What was taken away does not come back. */
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
