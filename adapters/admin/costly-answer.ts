import type { Answer } from '../web/answer.js';

/** Of its making time, how long an answer is good for. */
const factor = 10;
/** Milliseconds after which an answer is always made again. */
const maxAge = 1_000;
/** Milliseconds that may be spent in advance: who asks now and then always gets a new one. */
const burst = 3_000;

/**
 * An answer that is expensive to make. In the long run making it takes a tenth of the time at most: when it is asked for more
 * often, the last one is given again, which is a second old at most.
 */
export class CostlyAnswer {
  readonly #make: () => Promise<Answer>;
  readonly #now: () => number;
  #making: Promise<Answer> | null = null;
  #last: Answer | null = null;
  /** When the time that was spent is paid for. */
  #paidAt = 0;

  /** @param now a clock that never jumps, in milliseconds. */
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
    // As bytes, so that all connections share them.
    const made = { ...answer, body: typeof body === 'string' ? Buffer.from(body) : body };
    this.#paidAt = Math.max(this.#paidAt, start) + Math.min(maxAge, factor * (this.#now() - start));
    this.#last = made;
    return made;
  }
}
