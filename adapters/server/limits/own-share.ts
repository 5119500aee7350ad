/**
 * The milliseconds of work that each registered client may cause ahead of those who wait: so many at once, and a twentieth of the time in
 * the long run. A client that uses more waits for the turns that all such clients share.
 */
export const ownShare = 2;
const refill = 1 / 20;

/** What is left of the share of one client. */
export class OwnShare {
  #left = ownShare;
  /** When that was left. */
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
