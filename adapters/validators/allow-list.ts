import type { RequestRegisterClient } from '../../machines/index.js';
import { FileError, readText } from '../config/structured-file.js';
import { WatchedFiles } from '../config/watched-files.js';
import type { Validator, Verdict } from '../server/validator.js';
import { ClientList } from './client-list.js';

export interface AllowListOptions {
  /** The file has changed and the new list is in force. */
  readonly onReload?: ((entries: number) => void) | undefined;
  /** The file has changed and cannot be used: the list before it stays in force. Called once a wrong version. */
  readonly onProblem?: ((error: FileError) => void) | undefined;
}

/** An allow-list as a validator. Close it to stop watching its file. */
export interface AllowList extends Validator, AsyncDisposable {
  /** The verdict of the list as it is now. */
  verdictOn(request: RequestRegisterClient): Verdict;
  close(): Promise<void>;
}

/**
 * Grants the clients that a JSON or YAML file lists, and follows the file when it changes:
 * `{"clients": [{"name": "desk-1", "types": ["AgentApplication"], "cap": 1}, {"pattern": "chat-*", "mediaTypes": ["chat"]}]}`.
 * `name` is exact, `pattern` has `*` and `?`; `types` and `mediaTypes` left out allow all; `cap` is how many sessions a name
 * may have registered at once (1 to 1000000).
 * @throws {FileError} when the file cannot be used at first.
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
  #list: ClientList | null = null;
  /** What was last read, or the problem of reading: a version is told of once. */
  #seen = '';
  readonly #watched: WatchedFiles;
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string, options: AllowListOptions) {
    this.#path = path;
    this.#options = options;
    this.#watched = new WatchedFiles({
      changed: () => {
        this.#reading = this.#reading.then(() => this.#readAgain());
      },
      failed: (problem) => this.#tell(new FileError(path, null, problem)),
    });
  }

  get list(): ClientList {
    if (!this.#list) throw new Error(`${this.#path} has not been read`);
    return this.#list;
  }

  async open(): Promise<void> {
    this.#seen = await readText(this.#path);
    this.#list = new ClientList(this.#path, this.#seen);
    await this.#watched.watch([this.#path]);
    // It may have changed before the watcher was ready.
    await this.#readAgain();
  }

  async close(): Promise<void> {
    await this.#watched.close();
    await this.#reading;
  }

  async #readAgain(): Promise<void> {
    let seen = '';
    let problem: FileError | null = null;
    try {
      seen = await readText(this.#path);
      if (seen === this.#seen) return;
      this.#list = new ClientList(this.#path, seen);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      seen ||= error.message;
      if (seen === this.#seen) return;
      problem = error;
    }
    this.#seen = seen;
    this.#tell(problem);
  }

  /** What a caller's function throws must not end the watching. */
  #tell(problem: FileError | null): void {
    try {
      if (problem) this.#options.onProblem?.(problem);
      else this.#options.onReload?.(this.list.size);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }
}
