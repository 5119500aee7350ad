/**
 * Milliseconds of work that each registered client may cause at once, before clients that wait. It refills with a twentieth of the time.
 * A client that uses more waits for the budget that all such clients share.
 */
export const ownShare = 2;
const refill = 1 / 20;

/** The share of one client that is left. */
export class OwnShare {
  #left = ownShare;
  /** When `#left` was computed. */
  #at = 0;

  /** Work begins. @returns whether the client has time left. */
  mayRun(now: number): boolean {
    this.#left = Math.min(ownShare, this.#left + (now - this.#at) * refill);
    this.#at = now;
    return this.#left > 0;
  }

  /** Work that began at the last `mayRun` has ended. */
  used(now: number): void {
    this.#left -= now - this.#at;
    this.#at = now;
  }
}
