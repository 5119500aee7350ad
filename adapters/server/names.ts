/** How many sessions are registered under each name. */
export class NameCounts {
  readonly #counts = new Map<string, number>();
  #sum = 0;

  /** How many there are under all names. */
  get sum(): number {
    return this.#sum;
  }

  /** Whether one more may have this name. @param cap how many may at once; undefined for any number. */
  hasRoom(name: string, cap: number | undefined): boolean {
    return cap === undefined || (this.#counts.get(name) ?? 0) < cap;
  }

  add(name: string): void {
    this.#sum += 1;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  remove(name: string): void {
    this.#sum -= 1;
    const left = (this.#counts.get(name) ?? 1) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}
