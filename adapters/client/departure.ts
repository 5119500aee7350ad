/** How a client leaves a server that shuts down: without cutting a request off, and not together with all others. */
import { systemClock } from '../../machines/text/clock.js';
import type { PendingRequests } from './pending.js';

/** Milliseconds over which clients spread their departure from a server that shuts down. */
const leaveSpread = 1_000;

export class Departure {
  readonly #pending: PendingRequests;
  readonly #random: () => number;
  #timer: unknown;
  #isAnnounced = false;

  constructor(pending: PendingRequests, random: () => number) {
    this.#pending = pending;
    this.#random = random;
  }

  /**
   * The server announced that it shuts down. After a random part of a second new requests are held, and the client leaves as soon as the
   * earlier ones are answered.
   * @param leave ends the connection
   */
  announce(leave: () => void): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    const jitter = leaveSpread * Math.min(1, Math.max(0, this.#random()));
    this.#timer = systemClock.setTimeout(async () => {
      this.#pending.hold();
      await this.#pending.idle();
      if (this.#isAnnounced) leave();
    }, jitter);
  }

  /** The connection has ended. After an announcement requests are held, so that none is lost before the next registration. */
  ended(): void {
    systemClock.clearTimeout(this.#timer);
    if (this.#isAnnounced) this.#pending.hold();
    this.#isAnnounced = false;
  }
}
