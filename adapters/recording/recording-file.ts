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
   * Begins a file that was not there, for its owner only.
   * @throws the system's error; EEXIST when the name is taken.
   */
  static async begin(folder: string, name: string): Promise<RecordingFile> {
    const path = join(folder, name);
    return new RecordingFile(path, await open(path, 'wx', 0o600));
  }

  /** How long it is. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether no whole line is in it. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /**
   * Writes lines at its end.
   * @returns how many of them are in it whole, and what stopped it before the rest.
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

  /** Resolves when what was written would outlive the machine. */
  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  /** @throws {RemovedError} when it has no name any more: who writes to it would not notice. */
  async mustBeThere(): Promise<void> {
    if ((await this.#handle.stat()).nlink === 0) throw new RemovedError(this.path);
  }

  /** Closes it, and takes it away when there is no whole line in it. */
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
 * Creates a folder for its owner only, unless it is there. The folder it is in must be there.
 * @param outlives whether its name is to outlive the machine.
 * @throws the system's error; EEXIST when it is something else.
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

/** What Windows, some file systems and a folder that may not be read say to it (PostgreSQL passes over the same). */
const unsyncable: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'EPERM',
]);

/** Resolves when the names in a folder would outlive the machine, where there is a way to see to that. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!unsyncable.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
