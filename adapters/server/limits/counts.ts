/** Counts by key. A key whose count is 0 is removed. */
export class Counts {
  readonly #counts = new Map<string, number>();
  #sum = 0;

  /** The sum of all counts. */
  get sum(): number {
    return this.#sum;
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  [Symbol.iterator](): IterableIterator<[key: string, count: number]> {
    return this.#counts.entries();
  }

  /** @param by below 0 to count less. @default 1 */
  add(key: string, by = 1): void {
    this.#sum += by;
    const count = this.of(key) + by;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }

  remove(key: string): void {
    this.add(key, -1);
  }
}
