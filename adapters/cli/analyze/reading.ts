import type { Finding, ObservedSession, StepRecord } from '../../../machines/index.js';
import { analyzeLogs, type Log, type LogFormat, type LogsRead } from '../../observer/index.js';
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

  readonly #analyze: typeof analyzeLogs;

  /** @param analyze reads the logs; a test gives its own. */
  constructor(
    paths: readonly string[],
    flags: ReadingFlags,
    formats: readonly LogFormat[],
    analyze = analyzeLogs,
  ) {
    this.paths = paths;
    this.#flags = flags;
    this.#formats = formats;
    this.#analyze = analyze;
  }

  /** @throws {FileError} for an alias or mapping file, {UsageError} for a format that there is not. */
  static async open(paths: readonly string[], flags: ReadingFlags): Promise<Reading> {
    return new Reading(paths, flags, await formatsFrom(flags));
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
    if (process.stdout.isTTY) this.#progress?.end();
  };

  /** @throws {FileError} when a file cannot be read or is not a log, and what `stop` was given. */
  async read(listener: LogListener): Promise<LogsRead> {
    const { registrationTimeout, rejectionTimeout, tolerance, redactNames, follow } = this.#flags;
    const progress = follow ? null : oncePresent(progressOf('MB'));
    this.#progress = progress;
    // The reader of the output may have gone (`| head`): there is no reason to read on.
    const stop = () => this.stop();
    process.stdout.on('error', stop);
    try {
      return await this.#analyze(this.paths, {
        ...listener,
        registrationTimeout,
        rejectionTimeout,
        tolerance,
        redactNames,
        follow,
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
      process.stdout.off('error', stop);
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
