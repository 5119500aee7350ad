import { dirname, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/** Milliseconds without further changes before `changed` is called: an editor may write a file in several pieces. */
const settleTime = 50;

export interface WatchHandlers {
  /** At least one of the files was changed, created or removed. */
  changed(): void;
  /** The files cannot be watched any more, for this reason. */
  failed(problem: string): void;
}

/** Watches files by name, also when they are rewritten, replaced by a rename, or reached through a symbolic link that changes. */
export class WatchedFiles {
  readonly #handlers: WatchHandlers;
  #watcher: FSWatcher | null = null;
  #files: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(handlers: WatchHandlers) {
    this.#handlers = handlers;
  }

  /**
   * Watches these files instead of the previous ones. Resolves when changes are noticed.
   * @returns whether the set of files is new: they may have changed since they were read.
   */
  async watch(paths: readonly string[]): Promise<boolean> {
    const files = [...new Set(paths.map((path) => resolve(path)))].sort();
    if (files.join('\n') === this.#files.join('\n')) return false;
    const before = this.#watcher;
    this.#files = files;
    this.#watcher = files.length === 0 ? null : await this.#open(files);
    await before?.close();
    return true;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher?.close();
    clearTimeout(this.#timer);
  }

  /** Watches the folders, not the files: a rename puts another file under the same name. */
  async #open(files: readonly string[]): Promise<FSWatcher> {
    const folders = [...new Set(files.map((file) => dirname(file)))];
    const wanted = new Set([...files, ...folders]);
    const watcher = watch(folders, {
      depth: 0,
      ignoreInitial: true,
      // Watch the link itself: its target may change, as Kubernetes does with mounted files.
      followSymlinks: false,
      ignored: (path) => !wanted.has(resolve(path)),
    });
    watcher.on('all', () => this.#changed());
    watcher.on('error', (cause) => this.#handlers.failed(`cannot be watched: ${String(cause)}`));
    await new Promise<void>((ready) => watcher.once('ready', ready));
    return watcher;
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#handlers.changed(), settleTime);
  }
}
