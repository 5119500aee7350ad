import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError } from '../files/structured-file.js';
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
   * Go on reading while the last file grows, is moved away and rewritten, or gets a successor in its folder, until the signal aborts.
   * @default false
   */
  readonly follow?: boolean | undefined;
  /** Told of the bytes read and of how many there are, null when unknown. */
  readonly onProgress?: ((read: number, total: number | null) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One log: the files of one server, in order. */
export interface Log {
  /** Which server, as its files say it; else what their names have in common. */
  readonly server: string;
  readonly format: LogFormat;
}

/**
 * Reads logs: files, folders of them, `-` for standard input; plain, gzip or zip. Files of one server are read as one log, in order of
 * time; logs of several servers one after the other.
 * @param takerOf is asked once for each log, before its first line.
 * @throws {FileError} when a file cannot be read or is not a log, when a folder has none, or when what is to be followed cannot be; the
 * signal's reason when it aborts, except while a log is followed: that is how it ends.
 */
export async function readLogs(
  paths: readonly string[],
  options: ReadLogsOptions,
  takerOf: (log: Log) => EventTaker,
): Promise<LogsRead> {
  const { formats, follow = false, onProgress, signal } = options;
  const { found, passedOver } = await listing(paths, formats);
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
  throw new FileError(last.file, null, 'is packed: it does not grow, and cannot be followed');
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
  // What lies there already was read, or was not asked for.
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
    // Files that are in the folder when the file starts over hold what was read of it.
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
  /** The followed file as it is now, under whatever name. */
  readonly own: Stats;
  readonly server: string;
  readonly formats: readonly LogFormat[];
  readonly seen: Set<string>;
}

/**
 * A file of the same server that has come into the folder, is newer than the followed file and not a copy of it; null when there
 * is none.
 */
async function successor(succession: Succession): Promise<Recognised | null> {
  const { folder, current, own, server, formats, seen } = succession;
  const { found } = await logsIn(folder, formats, seen).catch(() => ({ found: [] }));
  for (const one of found) {
    const path = one.input.growing;
    if (path === null || one.format !== current.format || serverOf(one) !== server) continue;
    const there = await stat(path).catch(() => null);
    // One that was moved away keeps its age.
    if (!there || there.ino === own.ino || there.mtimeMs < own.mtimeMs) continue;
    const likeness = await likenessOf(path, current.input.growing ?? '');
    if (likeness === 'other') return one;
    // A new file may begin as the followed one does, and differ once more of it is written.
    if (likeness === 'undecided') seen.delete(resolve(path));
  }
  return null;
}
