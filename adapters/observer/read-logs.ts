import type { ObservedEvent } from '../../machines/index.js';
import type { Damage, LineCounts, LogFormat } from './log-reader.js';

export interface ReadLogsOptions {
  /** The formats a file may have, the first that recognises it reads it. @default logFormats() */
  readonly formats?: readonly LogFormat[] | undefined;
  /** Go on reading files that grow, until the signal aborts. @default false */
  readonly follow?: boolean | undefined;
  /** Told of the bytes read and of how many there are, null when nobody knows. */
  readonly onProgress?: ((read: number, total: number | null) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One log: the files of one server, in order. */
export interface Log {
  /** Which server, as its files say it; else what their names have in common. */
  readonly server: string;
  readonly format: LogFormat;
}

/** Who takes the events of one log, in order. */
export interface EventTaker {
  take(event: ObservedEvent): void;
}

/** A file that was read. */
export interface FileRead {
  readonly file: string;
  readonly server: string;
  /** `LogFormat.id`. */
  readonly format: string;
  /** Bytes as they lie on the disk. */
  readonly bytes: number;
  readonly counts: LineCounts;
}

export interface LogsRead {
  /** In the order in which they were read. */
  readonly files: readonly FileRead[];
  /** Of a folder: files that are no log, each with the reason. */
  readonly passedOver: readonly { readonly file: string; readonly reason: string }[];
  readonly counts: LineCounts;
  /** The first thousand. */
  readonly damages: readonly Damage[];
  /** How many there are in all. */
  readonly damaged: number;
}

/**
 * Reads logs: files, folders of them, `-` for standard input; plain, gzip or zip. Files of one server are read as one log, in order of
 * time; logs of several servers one after the other.
 * @param takerOf is asked once for each log, before its first line.
 * @throws {FileError} when a file cannot be read or is no log, or when a folder has none.
 */
export async function readLogs(
  _paths: readonly string[],
  _options: ReadLogsOptions,
  _takerOf: (log: Log) => EventTaker,
): Promise<LogsRead> {
  throw new Error('not built yet');
}
