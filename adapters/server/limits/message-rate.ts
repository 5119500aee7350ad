import { type Rate, refilled } from './rate.js';

/** Counts the messages of one client. One that sends more than its rate allows is read later. */
export class MessageRate {
  #tokens: number;
  /** When there were so many. */
  #at: number;

  constructor({ burst }: Rate, now: number) {
    this.#tokens = burst;
    this.#at = now;
  }

  /** Counts one message. */
  take(rate: Rate, now: number): void {
    this.#refill(rate, now);
    this.#tokens -= 1;
  }

  /** Milliseconds until the next message may be processed; 0 for now. */
  delay(rate: Rate, now: number): number {
    this.#refill(rate, now);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1_000) / rate.perSecond);
  }

  #refill(rate: Rate, now: number): void {
    this.#tokens = refilled(rate, this.#tokens, now - this.#at);
    this.#at = now;
  }
}
