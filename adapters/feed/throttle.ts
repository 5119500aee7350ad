/** Runs something when it is asked for, but no more often than every `interval` milliseconds. */
export class Throttle {
  readonly #interval: number;
  readonly #run: () => void;
  #timer: NodeJS.Timeout | null = null;
  #last = Number.NEGATIVE_INFINITY;

  constructor(interval: number, run: () => void) {
    this.#interval = interval;
    this.#run = run;
  }

  /** Runs soon. Asking again until then changes nothing. */
  ask(): void {
    if (this.#timer) return;
    const left = Math.max(0, Math.ceil(this.#last + this.#interval - performance.now()));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#last = performance.now();
      this.#run();
    }, left);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
