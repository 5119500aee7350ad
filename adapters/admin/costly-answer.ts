import type { Answer } from '../web/answer.js';

/** An answer is reused for this multiple of the time that it took. */
const factor = 10;
/** Maximum age of an answer in milliseconds. */
const maxAge = 1_000;
/** Milliseconds of work that may be spent in advance: infrequent requests always get a new answer. */
const burst = 3_000;

/**
 * An expensive answer. Over time, making it takes at most a tenth of the time: more frequent requests get the last answer, which is
 * at most a second old.
 */
export class CostlyAnswer {
  readonly #make: () => Promise<Answer>;
  readonly #now: () => number;
  #making: Promise<Answer> | null = null;
  #last: Answer | null = null;
  /** Until when the work done so far is accounted for, on the monotonic clock. */
  #paidAt = 0;

  /** @param now a monotonic clock in milliseconds. */
  constructor(make: () => Promise<Answer>, now: () => number = () => performance.now()) {
    this.#make = make;
    this.#now = now;
  }

  get(): Promise<Answer> {
    if (this.#making) return this.#making;
    if (this.#last && this.#paidAt > this.#now() + burst) return Promise.resolve(this.#last);
    this.#making = this.#made().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #made(): Promise<Answer> {
    const start = this.#now();
    const { body, ...answer } = await this.#make();
    // A buffer that all connections share.
    const made = { ...answer, body: typeof body === 'string' ? Buffer.from(body) : body };
    this.#paidAt = Math.max(this.#paidAt, start) + Math.min(maxAge, factor * (this.#now() - start));
    this.#last = made;
    return made;
  }
}
