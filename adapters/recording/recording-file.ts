import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RemovedError } from './errors.js';
import type { Line } from './line-queue.js';

/** One file of a recording: created once, only appended to, never reopened. */
export class RecordingFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #bytes = 0;
  #isEmpty = true;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Creates a new file, for its owner only.
   * @param header text before the lines; a file with nothing else counts as empty.
   * @throws the error of the system; EEXIST when the name is taken.
   */
  static async begin(folder: string, name: string, header = ''): Promise<RecordingFile> {
    const path = join(folder, name);
    const file = new RecordingFile(path, await open(path, 'wx', 0o600));
    try {
      if (header !== '') await file.#handle.appendFile(header);
      file.#bytes = Buffer.byteLength(header);
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
    return file;
  }

  /** Size in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it contains no complete line after its header. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /**
   * Appends lines.
   * @returns how many lines were written completely, and the error that stopped the rest.
   */
  async write(lines: readonly Line[]): Promise<{ whole: number; error: unknown }> {
    const bytes = Buffer.from(lines.map(({ text }) => text).join(''));
    let written = 0;
    let error: unknown = null;
    while (written < bytes.length && error === null) {
      try {
        written += (await this.#handle.write(bytes, written)).bytesWritten;
      } catch (cause) {
        error = cause;
      }
    }
    const whole = error === null ? lines.length : linesWithin(lines, written);
    this.#bytes += written;
    if (whole > 0) this.#isEmpty = false;
    return { whole, error };
  }

  /** Syncs the file to the disk. */
  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  /** @throws {RemovedError} when the file was removed: writes to it still succeed. */
  async mustBeThere(): Promise<void> {
    if ((await this.#handle.stat()).nlink === 0) throw new RemovedError(this.path);
  }

  /** Closes the file, and removes it when it contains no complete line after its header. */
  async close(): Promise<void> {
    await this.#handle.close();
    if (this.#isEmpty) await rm(this.path, { force: true });
  }
}

function linesWithin(lines: readonly Line[], written: number): number {
  let end = 0;
  return lines.filter(({ bytes }) => {
    end += bytes;
    return end <= written;
  }).length;
}

/**
 * Creates a folder for its owner only, if it is missing. Its parent must exist.
 * @param outlives whether to sync its name to the disk.
 * @throws the error of the system; EEXIST when it is not a folder.
 */
export async function createFolder(folder: string, outlives: boolean): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    if (outlives) await syncFolder(dirname(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await stat(folder)).isDirectory()) return;
    throw error;
  }
}

/** Errors of folder syncs on Windows, some file systems and unreadable folders (PostgreSQL ignores the same ones). */
const unsyncable: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'EPERM',
]);

/** Syncs the names in a folder to the disk, if the system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!unsyncable.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
