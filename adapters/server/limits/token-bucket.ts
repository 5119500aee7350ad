import { type Rate, refilled } from './rate.js';

/** One token bucket; full at the start. */
export class TokenBucket {
  readonly #rate: Rate;
  /** A monotonic clock, in milliseconds. */
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#at = now();
  }

  /** Takes `count` tokens. @returns false, and takes none, when fewer are left */
  take(count = 1): boolean {
    const at = this.#now();
    this.#tokens = refilled(this.#rate, this.#tokens, at - this.#at);
    this.#at = at;
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }
}
