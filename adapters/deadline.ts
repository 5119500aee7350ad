import { type Clock, systemClock } from '../machines/index.js';

/** A deadline that runs. */
class Deadline {
  readonly #reached: () => void;
  readonly #at: number;
  #timer: unknown;
  #immediate: NodeJS.Immediate | undefined;

  constructor(reached: () => void, ms: number) {
    this.#reached = reached;
    this.#at = performance.now() + ms;
    this.#wait(ms);
  }

  cancel(): void {
    systemClock.clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #wait(ms: number): void {
    this.#timer = systemClock.setTimeout(() => {
      // Node counts a timer from the beginning of the turn in which it was set: after a long turn it comes early.
      const left = this.#at - performance.now();
      if (left > 1) this.#wait(left);
      // Between timers and immediates the loop reads from its sockets.
      else this.#immediate = setImmediate(this.#reached);
    }, ms);
  }
}

/**
 * Real timers, never early, for whoever waits for a message. A deadline that has come lets what has arrived until then be read first:
 * after the event loop was held up it is always the message that counts and never the order in which Node looks at timers and sockets.
 */
export const deadlineClock: Clock = {
  setTimeout: (fn, ms) => new Deadline(fn, ms),
  clearTimeout: (deadline: Deadline | undefined) => deadline?.cancel(),
};
