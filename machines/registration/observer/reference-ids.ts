/** Requests that are remembered of one client until they are answered. */
const most = 1_000;

/** The reference ids with which a client has asked and was not answered yet. */
export class ReferenceIds {
  #open: Set<number> | null = null;
  #last: number | null = null;
  #isComplete = true;

  /** The one it asked with last, or null. */
  get last(): number | null {
    return this.#last;
  }

  /** Whether none had to be forgotten. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  has(id: number): boolean {
    return this.#open?.has(id) ?? false;
  }

  /** @param id null for a request without one. */
  add(id: number | null): void {
    if (id === null) return;
    this.#last = id;
    this.#open ??= new Set();
    if (this.#open.size >= most) {
      this.#isComplete = false;
      this.#open.clear();
    }
    this.#open.add(id);
  }

  /** An answer to it has come. @returns whether it was asked. */
  take(id: number | null): boolean {
    return id !== null && (this.#open?.delete(id) ?? false);
  }
}
