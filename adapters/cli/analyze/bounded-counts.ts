import { ownText } from '../../../machines/text/format.js';

/** Counts texts that clients choose: a limited number of distinct texts; all further ones count as others. */
export class BoundedCounts {
  readonly #counts = new Map<string, number>();
  readonly #max: number;
  #others = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Number of texts beyond the limit. */
  get others(): number {
    return this.#others;
  }

  add(text: string): void {
    const before = this.#counts.get(text);
    if (before !== undefined) this.#counts.set(text, before + 1);
    else if (this.#counts.size < this.#max) this.#counts.set(ownText(text), 1);
    else this.#others += 1;
  }

  /** Sorted by count, the highest first. */
  entries(): [text: string, count: number][] {
    return [...this.#counts].sort(([, one], [, other]) => other - one);
  }
}
