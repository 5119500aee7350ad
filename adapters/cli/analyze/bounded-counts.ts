import { ownText } from '../../../machines/index.js';

/** Counts by a text that strangers choose: so many texts are told apart, the rest is counted as others. */
export class BoundedCounts {
  readonly #counts = new Map<string, number>();
  readonly #most: number;
  #others = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** What was counted under no text of its own. */
  get others(): number {
    return this.#others;
  }

  add(text: string): void {
    const before = this.#counts.get(text);
    if (before !== undefined) this.#counts.set(text, before + 1);
    else if (this.#counts.size < this.#most) this.#counts.set(ownText(text), 1);
    else this.#others += 1;
  }

  /** The most frequent first. */
  entries(): [text: string, count: number][] {
    return [...this.#counts].sort(([, one], [, other]) => other - one);
  }
}
