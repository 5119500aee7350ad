interface Waiting {
  readonly start: () => void;
}

/** Lets so many validations run at once; the rest wait in order. */
export class ValidationQueue {
  #most: number;
  #running = 0;
  #isStarting = false;
  readonly #waiting = new Set<Waiting>();

  /** @param most validations at once, 1 or more. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Those that are more than the new number run on; those that now have room begin. */
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
   * @param signal aborted when nobody waits for the verdict any more; one that has not begun is then never run and never settles.
   */
  run<Result>(signal: AbortSignal, work: () => Result | Promise<Result>): Result | Promise<Result> {
    if (this.hasRoom) return this.#begin(work);
    return new Promise<Result>((resolve, reject) => {
      const leave = () => this.#waiting.delete(waiting);
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', leave);
          try {
            resolve(this.#begin(work));
          } catch (error) {
            reject(error);
          }
        },
      };
      if (signal.aborted) return;
      this.#waiting.add(waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #begin<Result>(work: () => Result | Promise<Result>): Result | Promise<Result> {
    this.#running += 1;
    let result: Result | Promise<Result>;
    try {
      result = work();
    } catch (error) {
      this.#done();
      throw error;
    }
    if (!(result instanceof Promise)) {
      this.#done();
      return result;
    }
    return result.finally(() => this.#done());
  }

  #done(): void {
    this.#running -= 1;
    this.#startWaiting();
  }

  #startWaiting(): void {
    // One that is decided at once is done in here: thousands of them must not become thousands of calls within each other.
    if (this.#isStarting) return;
    this.#isStarting = true;
    for (const next of this.#waiting) {
      if (this.#running >= this.#most) break;
      this.#waiting.delete(next);
      next.start();
    }
    this.#isStarting = false;
  }
}
