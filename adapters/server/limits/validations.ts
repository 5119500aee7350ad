import { isPromiseLike } from '../../runtime/is-promise-like.js';

interface Waiting {
  readonly start: () => void;
}

/** Limits the number of concurrent validations; the others wait in order. */
export class ValidationQueue {
  #max: number;
  #running = 0;
  #starting = false;
  readonly #waiting = new Set<Waiting>();

  /** @param max maximum number of concurrent validations, 1 or more; it may be changed at any time */
  constructor(max: number) {
    this.#max = max;
  }

  get max(): number {
    return this.#max;
  }

  /** A greater maximum starts waiting validations at once; a smaller one does not stop running ones. */
  set max(max: number) {
    this.#max = max;
    this.#startWaiting();
  }

  /** Whether a validation would start at once. */
  get hasRoom(): boolean {
    return this.#running < this.#max && this.#waiting.size === 0;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Runs a validation, at once where there is room; a result that is not a promise is then returned at once.
   * @param abort aborted when the verdict is not needed any more. A waiting validation then never runs and never settles. A running one
   * counts until it settles, so `work` has to stop when it is aborted.
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

  /** A loop instead of recursion: thousands of waiting validations may be decided at once. */
  #startWaiting(): void {
    if (this.#starting || this.#waiting.size === 0) return;
    this.#starting = true;
    for (const next of this.#waiting) {
      if (this.#running >= this.#max) break;
      this.#waiting.delete(next);
      next.start();
    }
    this.#starting = false;
  }
}
