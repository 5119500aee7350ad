import type { Clock } from '../chart/seat.js';
import type { TimeSource } from '../session/step.js';

/**
 * The clock of a session that is read from a log: it shows the time of the current line. Its timers expire when the log reports it,
 * never by themselves.
 */
export class RecordedTime implements Clock, TimeSource {
  /** The log decides when a deadline expires. */
  readonly takesNever = true;
  #wall = 0;
  #monotonic = 0;
  #runOut: (() => void) | null = null;

  /** Moves to the time of an event. Elapsed time stands still where the clock of the log was set back. */
  moveTo(at: number): void {
    this.#wall = at;
    if (at > this.#monotonic) this.#monotonic = at;
  }

  wall(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(runOut: () => void): () => void {
    this.#runOut = runOut;
    return runOut;
  }

  clearTimeout(handle: unknown): void {
    if (handle === this.#runOut) this.#runOut = null;
  }

  /** Expires the running deadline. */
  runOut(): void {
    const runOut = this.#runOut;
    this.#runOut = null;
    runOut?.();
  }
}
