import type { Clock } from '../../../machines/index.js';

/** A clock whose timers the test expires, in any order. */
export class HandClock implements Clock {
  readonly #timers = new Map<number, { readonly run: () => void; readonly delay: number }>();
  #last = 0;

  setTimeout(run: () => void, delay: number): number {
    this.#last += 1;
    this.#timers.set(this.#last, { run, delay });
    return this.#last;
  }

  clearTimeout(handle: number): void {
    this.#timers.delete(handle);
  }

  /** The delays of the running timers. */
  get running(): number[] {
    return [...this.#timers.values()].map(({ delay }) => delay).sort((a, b) => a - b);
  }

  /** Expires the timer with a delay. */
  runOut(delay: number): void {
    const [handle, timer] = [...this.#timers].find(([, one]) => one.delay === delay) ?? [];
    if (handle === undefined || !timer) throw new Error(`no timer of ${delay} ms runs`);
    this.#timers.delete(handle);
    timer.run();
  }
}
