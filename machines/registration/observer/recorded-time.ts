import type { Clock } from '../../text/clock.js';
import type { TimeSource } from '../session/step.js';

/**
 * The clock of a session from a log: its time is the time of the last event. Its timers expire only when the log shows that they expired,
 * never by themselves.
 */
export class RecordedTime implements Clock, TimeSource {
  /** The log decides when a deadline expires. */
  readonly takesNever = true;
  #wall = 0;
  #monotonic = 0;
  #runOut: (() => void) | null = null;

  /** Moves to the time of an event. If the clock of the log was set back, elapsed time stands still. */
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
