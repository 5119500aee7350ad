/** What was known about an incarnation when a request was sent. */
export interface SentMark {
  readonly counted: number;
  readonly round: number;
  readonly heard: number;
}

/**
 * Detects that the store has lost something of one incarnation. The store counts the operations of an incarnation, and the kicks that it
 * sends to it. It has lost acknowledged writes when an answer has a lower count than an answer that came before the request was sent; it
 * has lost a kick when its number is missing.
 */
export class LossDetector {
  /** Sent with each write. The store refuses a write with a lower fence than it has seen: one that arrives after an audit. */
  fence = 0;
  /** The highest count in an answer. */
  #counted = 0;
  /** Each loss begins a new round: requests of earlier rounds are not judged again. */
  #round = 0;
  /** The number of the last kick that was heard. */
  #heard = 0;
  /** The number of kicks at the last renewal. */
  #announced = 0;

  sent(): SentMark {
    return { counted: this.#counted, round: this.#round, heard: this.#heard };
  }

  /**
   * @param counted the count in the answer
   * @param writes 1 when the request itself was counted
   * @returns whether acknowledged writes were lost
   */
  answered(sent: SentMark, counted: number, writes: 0 | 1): boolean {
    if (sent.round !== this.#round) return false;
    if (counted >= sent.counted + writes) {
      this.#counted = Math.max(this.#counted, counted);
      return false;
    }
    this.#counted = counted;
    this.#round += 1;
    return true;
  }

  /** @returns whether a kick before it was lost, or the store has lost the number of kicks */
  kickHeard(number: number): boolean {
    const isNext = number === this.#heard + 1;
    this.#heard = number;
    this.#announced = Math.max(number, this.#announced);
    return !isNext;
  }

  /**
   * A kick that is on its way may be heard after the answer to a renewal, but not after the next one.
   * @param kicks the number of kicks that the store has sent
   * @returns whether a kick was lost
   */
  renewed(sent: SentMark, kicks: number): boolean {
    const isLost = this.#heard < this.#announced;
    if (isLost) this.#heard = this.#announced;
    const isReset = kicks < sent.heard;
    if (isReset) this.#heard = kicks;
    this.#announced = kicks;
    return isLost || isReset;
  }
}
