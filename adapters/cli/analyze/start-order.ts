/** Rows in order of start, though each is known only when its session is over. */
import { Heap } from '../../runtime/collections/heap.js';

interface Held {
  readonly start: number;
  /** Of two that started at once, the one that ended first. */
  readonly turn: number;
  readonly text: string;
}

/** Holds back a bounded number of rows, and lets the earliest go first. */
export class StartOrder {
  /** The earliest first; of two that started at once, the one that ended first. */
  readonly #held = new Heap<Held>(
    (one, other) => one.start < other.start || (one.start === other.start && one.turn < other.turn),
  );
  readonly #most: number;
  readonly #write: (text: string) => void;
  #turn = 0;
  #lastStart = Number.NEGATIVE_INFINITY;
  #late = 0;

  /** @param most how many rows are held, 0 or more; with 0 each is written at once. */
  constructor(most: number, write: (text: string) => void) {
    this.#most = most;
    this.#write = write;
  }

  /** Rows that were written after one that started later, because not all could be held. */
  get late(): number {
    return this.#late;
  }

  add(start: number, text: string): void {
    this.#turn += 1;
    this.#held.push({ start, turn: this.#turn, text });
    if (this.#held.size > this.#most) this.#release();
  }

  /** Lets go of all. */
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
