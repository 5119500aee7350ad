/** Rows in order of start, though each is known only when its session is over. */

interface Held {
  readonly start: number;
  /** Of two that started at once, the one that ended first. */
  readonly turn: number;
  readonly text: string;
}

/** Holds back a bounded number of rows, and lets the earliest go first. */
export class StartOrder {
  /** A heap: the earliest on top. */
  readonly #held: Held[] = [];
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
    this.#push({ start, turn: this.#turn, text });
    if (this.#held.length > this.#most) this.#release();
  }

  /** Lets go of all. */
  end(): void {
    while (this.#held.length > 0) this.#release();
  }

  #release(): void {
    const first = this.#pop();
    if (!first) return;
    if (first.start < this.#lastStart) this.#late += 1;
    else this.#lastStart = first.start;
    this.#write(first.text);
  }

  #push(row: Held): void {
    const held = this.#held;
    let at = held.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = held[parent];
      if (!above || !isBefore(row, above)) break;
      held[at] = above;
      at = parent;
    }
    held[at] = row;
  }

  #pop(): Held | undefined {
    const held = this.#held;
    const [top] = held;
    const last = held.pop();
    if (!last || held.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [held[child], held[child + 1]];
      if (left && right && isBefore(right, left)) child += 1;
      const lower = held[child];
      if (!lower || !isBefore(lower, last)) break;
      held[at] = lower;
      at = child;
    }
    held[at] = last;
    return top;
  }
}

const isBefore = (one: Held, other: Held): boolean =>
  one.start < other.start || (one.start === other.start && one.turn < other.turn);
