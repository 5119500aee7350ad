import type { Clock } from '../../text/clock.js';
import type { TimeSource } from '../session/step.js';

/**
 * The clock of a session that is read from a log: it stands where the log is. Its timers run out when the log says that they have,
 * never by themselves: what the log says is what happened.
 */
export class RecordedTime implements Clock, TimeSource {
  /** The log decides when any deadline runs out. */
  readonly takesNever = true;
  #wall = 0;
  #monotonic = 0;
  #runOut: (() => void) | null = null;

  /** Moves on to the time of an event. Where the clock of the log was set back, elapsed time stands still. */
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

  /** The running deadline runs out. */
  runOut(): void {
    const runOut = this.#runOut;
    this.#runOut = null;
    runOut?.();
  }
}
