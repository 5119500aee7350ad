import { longestDelay } from '../../../machines/text/clock.js';
import type { Connection } from '../../net/transports/index.js';

/** Maximum number of waiting connections; more are destroyed at once. */
const maxWaiting = 1_000;

/** A queue of clients' connections, unread, in the order in which they came. */
export class IncomingConnections {
  #waiting: Connection[] = [];
  #wake = () => {};

  push(connection: Connection): void {
    if (this.#waiting.length >= maxWaiting) connection.destroy();
    else this.#waiting.push(connection);
    this.#wake();
  }

  /** Makes a pending `next` ask for the remaining time again. */
  wake(): void {
    this.#wake();
  }

  /**
   * The next connection, or null after the timeout.
   * @param left returns the remaining milliseconds, Infinity for no timeout. It is called again after each `wake` and `push`.
   */
  async next(left: () => number): Promise<Connection | null> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) return next;
      const time = left();
      if (time <= 0) return null;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(time, longestDelay));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = () => {};
    }
  }

  /** Destroys the waiting connections. */
  closeAll(): void {
    for (const connection of this.#waiting.splice(0)) connection.destroy();
  }
}
