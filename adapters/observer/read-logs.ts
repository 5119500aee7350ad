import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError } from '../files/file-error.js';
import type { LogFormat } from './log-reader.js';
import type { EventTaker, LogsRead } from './logs-read.js';
import { type Growth, growthOf } from './sources/growing-file.js';
import { inOrder, type OrderedLog, serverOf } from './sources/in-order.js';
import { likenessOf } from './sources/likeness.js';
import { listing, logsIn } from './sources/listing.js';
import { ReadingOfLog } from './sources/reading-of-log.js';
import type { Recognised } from './sources/recognise.js';

export interface ReadLogsOptions {
  /** The formats a file may have; the first that recognises it reads it. */
  readonly formats: readonly LogFormat[];
  /**
   * Continue to read while the last file grows, is rotated, or gets a successor in its folder, until the signal aborts.
   * @default false
   */
  readonly follow?: boolean | undefined;
  /** Read for the path `-`. @default process.stdin */
  readonly stdin?: NodeJS.ReadableStream | undefined;
  /** Called with the bytes read and the total, which is null when unknown. */
  readonly onProgress?: ((read: number, total: number | null) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One log: the files of one server, in order. */
export interface Log {
  /** The server, from the headers of the files; else the common part of their names. */
  readonly server: string;
  readonly format: LogFormat;
}

/**
 * Reads logs: files, folders, or `-` for standard input; plain, gzip or zip. Files of one server are read as one log, in order of
 * time; logs of several servers one after the other.
 * @param takerOf called once for each log, before its first line.
 * @throws {FileError} when a file cannot be read, is not a log or cannot be followed, or when a folder has no logs; the
 * signal's reason when it aborts, except while a log is followed: then reading ends normally.
 */
export async function readLogs(
  paths: readonly string[],
  options: ReadLogsOptions,
  takerOf: (log: Log) => EventTaker,
): Promise<LogsRead> {
  const { formats, follow = false, onProgress, signal } = options;
  const { found, passedOver } = await listing(paths, formats, options.stdin);
  const logs = inOrder(found);
  if (follow) refuseToFollow(logs);
  const sizes = found.map(({ input }) => input.bytes);
  const total = follow || sizes.includes(null) ? null : sizes.reduce<number>(add, 0);
  let bytes = 0;
  const reading = new ReadingOfLog((more) => {
    bytes += more;
    onProgress?.(bytes, total === null ? null : Math.max(bytes, total));
  }, signal);
  for (const { server, files } of logs) {
    const [{ format }] = files;
    const taker = takerOf({ server, format });
    const followed = follow ? files.at(-1) : undefined;
    for (const file of files) {
      if (file !== followed) await reading.read(file, server, taker);
    }
    if (followed) await followUp(followed, server, taker, reading, options);
  }
  return { ...reading.result, passedOver };
}

const add = (sum: number, bytes: number | null) => sum + (bytes ?? 0);

/** @throws {FileError} */
function refuseToFollow(logs: readonly OrderedLog[]): void {
  const [first, second] = logs;
  if (first && second) {
    const [file] = second.files;
    const servers = `${first.server} and ${second.server}`;
    throw new FileError(
      file.input.file,
      null,
      `only one log can be followed, not those of ${servers}`,
    );
  }
  const last = first?.files.at(-1)?.input;
  if (!last || last.growing !== null || last.name === null) return;
  throw new FileError(last.file, null, 'is compressed and cannot be followed');
}

/** Reads the last file of a log while it grows, then its successors. */
async function followUp(
  file: Recognised,
  server: string,
  taker: EventTaker,
  reading: ReadingOfLog,
  { formats, signal = new AbortController().signal }: ReadLogsOptions,
): Promise<void> {
  if (file.input.growing === null) {
    await reading.read(file, server, taker);
    return;
  }
  const folder = dirname(file.input.growing);
  const seen = new Set<string>();
  let next: Recognised | null = file;
  // Files that exist already were read or not requested.
  await logsIn(folder, formats, seen).catch(() => {});
  while (next?.input.growing) {
    const { growing }: Recognised['input'] = next.input;
    const current: Recognised = next;
    next = null;
    const hasNext = async (own: Stats) => {
      next = await successor({ folder, current, own, server, formats, seen });
      return next !== null;
    };
    const growth = growthOf(growing, signal, hasNext);
    // Files that exist when the followed file restarts are copies of what was read.
    const lookAround = () => logsIn(folder, formats, seen).catch(() => {});
    await reading.follow(current, server, taker, eachRestart(growth, lookAround));
    if (signal.aborted) return;
  }
}

async function* eachRestart(
  growth: AsyncIterable<Growth>,
  restarted: () => Promise<unknown>,
): AsyncGenerator<Growth, void, void> {
  for await (const grown of growth) {
    if (typeof grown === 'string') await restarted();
    yield grown;
  }
}

interface Succession {
  readonly folder: string;
  readonly current: Recognised;
  /** The followed file as it is now, under any name. */
  readonly own: Stats;
  readonly server: string;
  readonly formats: readonly LogFormat[];
  readonly seen: Set<string>;
}

/**
 * A new file of the same server in the folder that is newer than the followed file and not a copy of it; null
 * without one.
 */
async function successor(succession: Succession): Promise<Recognised | null> {
  const { folder, current, own, server, formats, seen } = succession;
  const { found } = await logsIn(folder, formats, seen).catch(() => ({ found: [] }));
  for (const one of found) {
    const path = one.input.growing;
    if (path === null || one.format !== current.format || serverOf(one) !== server) continue;
    const there = await stat(path).catch(() => null);
    // A moved file keeps its modification time.
    if (!there || there.ino === own.ino || there.mtimeMs < own.mtimeMs) continue;
    const likeness = await likenessOf(path, current.input.growing ?? '');
    if (likeness === 'other') return one;
    // A new file may begin like the followed one and differ later.
    if (likeness === 'undecided') seen.delete(resolve(path));
  }
  return null;
}
