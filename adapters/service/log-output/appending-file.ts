import { EventEmitter } from 'node:events';
import { close, constants, fdatasync, fstat, open, read, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { SonicBoom } from 'sonic-boom';
import { firstLine } from './line-output.js';
import { lineWriter } from './line-writer.js';

const statOpen = promisify(fstat);

const { O_APPEND, O_CREAT, O_RDWR } = constants;
const lineEnd = 10;

interface AppendingEvents {
  /** A write failed. Its lines wait until the next write. */
  failed: [error: Error];
  /** Lines were written. */
  written: [];
  /** Lines were dropped, because the backlog was full or could not be written before the end. */
  dropped: [lines: number];
  /** There is no backlog. */
  drained: [];
}

/** Where a path leads: to this file, or to another one because this one was moved or removed. */
export type Place = 'here' | 'moved' | 'removed';

/** An open file to which lines are appended in the background, by sonic-boom. */
export class AppendingFile extends EventEmitter<AppendingEvents> {
  readonly #fd: number;
  readonly #inode: string;
  readonly #boom: SonicBoom;
  /** Milliseconds since 1970 of its creation. */
  readonly since: number;
  /** Size in bytes, with the backlog. */
  size: number;
  /** Text before the next line: it ends a line that a crash has cut off. */
  #before: string;
  #isFirst = true;
  /** Maximum number of lines that are not written yet. */
  #waiting = 0;
  #ending: Promise<void> | null = null;
  #isSyncing = false;
  /** Whether lines were written since the sync that runs. */
  #isUnsynced = false;

  /**
   * Opens or creates a file.
   * @param mode its permissions if it is created
   * @param isDurable whether each line survives a kill of the process at once, and a crash of the machine a moment later
   * @throws the error of the system; ENOTREG for anything but a file.
   */
  static async open(path: string, mode: number, isDurable: boolean): Promise<AppendingFile> {
    const there = await stat(path).catch(() => null);
    // To open a pipe would block.
    if (there && !there.isFile() && !there.isDirectory()) throw notRegular();
    const fd = await promisify(open)(path, O_APPEND | O_CREAT | O_RDWR, mode);
    try {
      const stats = await statOpen(fd);
      if (!stats.isFile()) throw notRegular();
      return new AppendingFile(fd, stats, await endOf(fd, stats.size), isDurable);
    } catch (error) {
      await promisify(close)(fd);
      throw error;
    }
  }

  private constructor(fd: number, stats: Stats, before: string, isDurable: boolean) {
    super();
    this.#fd = fd;
    this.#inode = inodeOf(stats);
    this.#before = before;
    this.size = stats.size;
    this.since = stats.size === 0 ? Date.now() : stats.birthtimeMs;
    this.#boom = lineWriter(fd, isDurable);
    this.#boom.on('error', (error) => {
      if (this.#ending) this.#abandon();
      else this.emit('failed', error);
    });
    this.#boom.on('write', (bytes: number) => {
      if (bytes === 0) return;
      if (isDurable) this.#sync();
      this.emit('written');
    });
    this.#boom.on('drop', (text: string) => {
      this.size -= Buffer.byteLength(text);
      this.#waiting -= 1;
      this.emit('dropped', 1);
    });
    this.#boom.on('drain', () => {
      this.#waiting = 0;
      this.emit('drained');
    });
  }

  write(line: string): void {
    if (this.#ending) return;
    const text = `${this.#before}${this.#isFirst ? firstLine(line) : line}`;
    this.#before = '';
    this.#isFirst = false;
    this.#waiting += 1;
    this.size += Buffer.byteLength(text);
    this.#boom.write(text);
  }

  /** Tries again to write the backlog. */
  retry(): void {
    if (!this.#ending) this.#boom.write('');
  }

  /** Whether a path leads to this file. A folder that cannot be read proves nothing. */
  async placeOf(path: string): Promise<Place> {
    try {
      if (inodeOf(await stat(path)) === this.#inode) return 'here';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return 'here';
    }
    const isRemoved = await statOpen(this.#fd).then(
      ({ nlink }) => nlink === 0,
      () => false,
    );
    return isRemoved ? 'removed' : 'moved';
  }

  /** Writes the backlog, closes the file and resolves. What cannot be written is dropped. */
  end(): Promise<void> {
    this.#ending ??= new Promise((resolve) => {
      this.#boom.once('close', resolve);
      // It writes the backlog first.
      this.#boom.end();
    });
    return this.#ending;
  }

  /** Syncs the file to the disk in the background. */
  #sync(): void {
    this.#isUnsynced = true;
    if (this.#isSyncing || this.#ending) return;
    this.#isSyncing = true;
    this.#isUnsynced = false;
    fdatasync(this.#fd, () => {
      this.#isSyncing = false;
      if (this.#isUnsynced) this.#sync();
    });
  }

  #abandon(): void {
    if (this.#waiting > 0) this.emit('dropped', this.#waiting);
    this.#waiting = 0;
    this.#boom.destroy();
  }
}

function inodeOf({ dev, ino }: Stats): string {
  return `${dev} ${ino}`;
}

/** The line end that a file lacks. */
async function endOf(fd: number, size: number): Promise<string> {
  if (size === 0) return '';
  const { buffer } = await promisify(read)(fd, Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === lineEnd ? '' : '\n';
}

function notRegular(): Error {
  const message = 'it is not a regular file. Choose another name';
  return Object.assign(new Error(message), { code: 'ENOTREG' });
}
