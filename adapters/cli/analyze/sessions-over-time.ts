/** Counts the starts of sessions over time in a bounded number of columns, which double in width when needed. */

interface Column {
  all: number;
  unregistered: number;
}

export interface SessionsOverTime {
  /** The beginning of the first column and the end of the last one, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Width of a column in milliseconds. */
  readonly width: number;
  readonly all: readonly number[];
  /** Of these, the sessions that ended without a registration. */
  readonly unregistered: readonly number[];
}

export class StartsOverTime {
  readonly #max: number;
  /** Columns by number: their beginning divided by the width. */
  #columns = new Map<number, Column>();
  #width = 1_000;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** @param@param max columns, 2 or more */
  constructor(max: number) {
    this.#max = max;
  }

  /** @param at milliseconds since 1970, in any order */
  add(at: number, isUnregistered: boolean): void {
    const first = Math.min(this.#first, at);
    const last = Math.max(this.#last, at);
    if (!Number.isFinite(last - first)) return;
    this.#first = first;
    this.#last = last;
    while (this.#numberOf(last) - this.#numberOf(first) >= this.#max) this.#double();
    const number = this.#numberOf(at);
    const column = this.#columns.get(number) ?? { all: 0, unregistered: 0 };
    column.all += 1;
    if (isUnregistered) column.unregistered += 1;
    this.#columns.set(number, column);
  }

  /** Null when there are none. */
  result(): SessionsOverTime | null {
    if (this.#columns.size === 0) return null;
    const first = this.#numberOf(this.#first);
    const count = this.#numberOf(this.#last) - first + 1;
    const columns = Array.from({ length: count }, (_, index) => this.#columns.get(first + index));
    return {
      from: first * this.#width,
      to: (first + count) * this.#width,
      width: this.#width,
      all: columns.map((column) => column?.all ?? 0),
      unregistered: columns.map((column) => column?.unregistered ?? 0),
    };
  }

  #numberOf(at: number): number {
    return Math.floor(at / this.#width);
  }

  #double(): void {
    this.#width *= 2;
    const wider = new Map<number, Column>();
    for (const [number, { all, unregistered }] of this.#columns) {
      const half = Math.floor(number / 2);
      const column = wider.get(half) ?? { all: 0, unregistered: 0 };
      column.all += all;
      column.unregistered += unregistered;
      wider.set(half, column);
    }
    this.#columns = wider;
  }
}
