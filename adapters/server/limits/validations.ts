import { isPromiseLike } from '../../runtime/is-promise-like.js';

interface Waiting {
  readonly start: () => void;
}

/** Lets so many validations run at once; the rest wait in order. */
export class ValidationQueue {
  #most: number;
  #running = 0;
  #starting = false;
  readonly #waiting = new Set<Waiting>();

  /** @param max validations at once, 1 or more; may be changed while some run. */
  constructor(max: number) {
    this.#most = max;
  }

  get most(): number {
    return this.#most;
  }

  /** Raised, it lets those who wait begin at once; lowered, it lets those who run come to their end. */
  set most(most: number) {
    this.#most = most;
    this.#startWaiting();
  }

  /** Whether a validation would be run at once. */
  get hasRoom(): boolean {
    return this.#running < this.#most && this.#waiting.size === 0;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Runs a validation, at once where there is room: then what is decided at once is given at once.
   * @param abort used when the verdict is not needed any more; one that has not begun is then never run and never settles. One
   * that has begun keeps its place until it settles: `work` has to end when it is told to.
   */
  run<Result>(
    abort: { readonly aborted: boolean; readonly signal: AbortSignal },
    work: () => Result | PromiseLike<Result>,
  ): Result | Promise<Result> {
    if (abort.aborted) return new Promise<Result>(() => {});
    if (this.hasRoom) return this.#begin(work);
    return new Promise<Result>((resolve, reject) => {
      const leave = () => this.#waiting.delete(waiting);
      const waiting: Waiting = {
        start: () => {
          abort.signal.removeEventListener('abort', leave);
          try {
            resolve(this.#begin(work));
          } catch (error) {
            reject(error);
          }
        },
      };
      this.#waiting.add(waiting);
      abort.signal.addEventListener('abort', leave, { once: true });
    });
  }

  #begin<Result>(work: () => Result | PromiseLike<Result>): Result | Promise<Result> {
    this.#running += 1;
    let result: Result | PromiseLike<Result>;
    let later: boolean;
    try {
      result = work();
      later = isPromiseLike(result);
    } catch (error) {
      this.#done();
      throw error;
    }
    if (later) return Promise.resolve(result).finally(() => this.#done());
    this.#done();
    return result as Result;
  }

  #done(): void {
    this.#running -= 1;
    this.#startWaiting();
  }

  /** A loop, not a recursion: thousands that wait may all be decided at once. */
  #startWaiting(): void {
    if (this.#starting || this.#waiting.size === 0) return;
    this.#starting = true;
    for (const next of this.#waiting) {
      if (this.#running >= this.#most) break;
      this.#waiting.delete(next);
      next.start();
    }
    this.#starting = false;
  }
}
