/** Sorts rows by start, although each row is known only at the end of its session. */
import { Heap } from '../../runtime/collections/heap.js';

interface Held {
  readonly start: number;
  /** Breaks ties between equal starts: the session that ended first comes first. */
  readonly turn: number;
  readonly text: string;
}

/** Holds back a bounded number of rows and writes the earliest first. */
export class StartOrder {
  /** The earliest start first; ties in order of the ends. */
  readonly #held = new Heap<Held>(
    (one, other) => one.start < other.start || (one.start === other.start && one.turn < other.turn),
  );
  readonly #max: number;
  readonly #write: (text: string) => void;
  #turn = 0;
  #lastStart = Number.NEGATIVE_INFINITY;
  #late = 0;

  /** @param@param max maximum number of held rows, 0 or more; with 0 each row is written immediately. */
  constructor(max: number, write: (text: string) => void) {
    this.#max = max;
    this.#write = write;
  }

  /** Number of rows written after a later start, because of the limit. */
  get late(): number {
    return this.#late;
  }

  add(start: number, text: string): void {
    this.#turn += 1;
    this.#held.push({ start, turn: this.#turn, text });
    if (this.#held.size > this.#max) this.#release();
  }

  /** Writes all held rows. */
  end(): void {
    while (this.#held.size > 0) this.#release();
  }

  #release(): void {
    const first = this.#held.pop();
    if (!first) return;
    if (first.start < this.#lastStart) this.#late += 1;
    else this.#lastStart = first.start;
    this.#write(first.text);
  }
}
