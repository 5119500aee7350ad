import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import { FileError } from '../files/file-error.js';
import { WatchedFiles } from '../files/watched-files.js';
import type { Validator, Verdict } from '../server/validator.js';
import { ClientList } from './client-list.js';
import { readList } from './list-reader.js';

export interface AllowListOptions {
  /** Called when a new list is in force. */
  readonly onReload?: ((entries: number) => void) | undefined;
  /** Called once for each unusable version of the file; the previous list stays in force. */
  readonly onProblem?: ((error: FileError) => void) | undefined;
  /** Aborts the first read, as `close()` aborts later ones. */
  readonly signal?: AbortSignal | undefined;
}

/** An allow-list as a validator. `close` stops watching its file. */
export interface AllowList extends Validator, AsyncDisposable {
  /** The verdict of the current list. */
  verdictOn(request: RequestRegisterClient): Verdict;
  close(): Promise<void>;
}

/**
 * Grants the clients that a JSON or YAML file lists, and reloads the file when it changes:
 * `{"clients": [{"name": "desk-1", "types": ["AgentApplication"], "cap": 1}, {"pattern": "chat-*", "mediaTypes": ["chat"]}]}`.
 * `name` is exact, `pattern` has `*` and `?`; `types` and `mediaTypes` left out allow all; `cap` is how many sessions a name
 * may have registered at once (1 to 1000000). The file must be a regular file. Files of 64 KiB or more are read in a separate thread;
 * the previous list stays in force meanwhile.
 * @throws {FileError} when the file is unusable at the start; the signal's reason when it aborts before.
 */
export async function allowList(path: string, options: AllowListOptions = {}): Promise<AllowList> {
  const file = new FollowedList(path, options);
  await file.open();
  const validator: Validator = (request) => file.list.verdictOn(request);
  return Object.assign(validator, {
    verdictOn: (request: RequestRegisterClient) => file.list.verdictOn(request),
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file.close(),
  });
}

class FollowedList {
  readonly #path: string;
  readonly #options: AllowListOptions;
  readonly #watched: WatchedFiles;
  readonly #closing = new AbortController();
  #list: ClientList | null = null;
  /** The last version that was read, usable or not: each version is reported once. */
  #seen: string | null = null;
  /** Whether the file has changed since the last read. */
  #hasChanged = false;
  #isReading = false;

  constructor(path: string, options: AllowListOptions) {
    this.#path = path;
    this.#options = options;
    this.#watched = new WatchedFiles({
      changed: () => void this.#changed(),
      failed: (problem) => this.#tell(new FileError(path, null, problem)),
    });
  }

  get list(): ClientList {
    if (!this.#list) throw new Error(`${this.#path} has not been read`);
    return this.#list;
  }

  async open(): Promise<void> {
    const { signal } = this.#options;
    const abort = () => this.#closing.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const problem = await this.#read();
      if (problem) throw problem;
      await this.#watched.watch([this.#path]);
      this.#closing.signal.throwIfAborted();
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    // The file may have changed before the watcher was ready.
    await this.#changed();
  }

  /** Stops watching, and aborts a read in progress. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watched.close();
  }

  /** Reads the file. Changes during a read cause one more read. */
  async #changed(): Promise<void> {
    this.#hasChanged = true;
    if (!this.#isReading) await this.#readAgain();
  }

  async #readAgain(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#hasChanged) {
        this.#hasChanged = false;
        const before = this.#seen;
        const problem = await this.#read();
        if (this.#seen !== before) this.#tell(problem);
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#isReading = false;
    }
  }

  /**
   * Applies the current version of the file, unless it is unchanged or unusable.
   * @returns why it is unusable; null otherwise.
   * @throws when the list is closed.
   */
  async #read(): Promise<FileError | null> {
    const { signal } = this.#closing;
    const { digest, content } = await readList(this.#path, this.#seen, signal);
    const list = content && 'names' in content ? await ClientList.of(content) : null;
    signal.throwIfAborted();
    this.#seen = digest;
    if (list) this.#list = list;
    if (!content || 'names' in content) return null;
    return new FileError(this.#path, content.line, content.problem);
  }

  /** Errors of callbacks must not stop the watching. */
  #tell(problem: FileError | null): void {
    try {
      if (problem) this.#options.onProblem?.(problem);
      else this.#options.onReload?.(this.list.size);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }
}
