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

  add(key: string): void {
    this.#sum += 1;
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: string): void {
    this.#sum -= 1;
    const left = this.of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
