import { longestDelay } from '../../../machines/index.js';
import type { Connection } from '../../net/transports/index.js';

/** Connections that wait to be played on; any more are ended at once. */
const most = 1_000;

/** The connections of clients in the order in which they came, unread, and a way to wait for the next. */
export class Arrivals {
  #come: Connection[] = [];
  #news = () => {};

  push(connection: Connection): void {
    if (this.#come.length >= most) connection.destroy();
    else this.#come.push(connection);
    this.#news();
  }

  /** Something happened that may change how long is waited. */
  wake(): void {
    this.#news();
  }

  /**
   * The next one, or null when the time is over.
   * @param left milliseconds that are left, Infinity for no end; asked anew whenever something happened.
   */
  async next(left: () => number): Promise<Connection | null> {
    for (;;) {
      const next = this.#come.shift();
      if (next) return next;
      const time = left();
      if (time <= 0) return null;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(time, longestDelay));
        this.#news = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#news = () => {};
    }
  }

  /** Ends those that wait. */
  turnAway(): void {
    for (const connection of this.#come.splice(0)) connection.destroy();
  }
}
