/** Maximum number of unanswered requests per client. */
const most = 1_000;

/** The reference ids of a client's unanswered requests. */
export class ReferenceIds {
  #open: Set<number> | null = null;
  #last: number | null = null;
  #isComplete = true;

  /** The reference id of the last request, or null. */
  get last(): number | null {
    return this.#last;
  }

  /** Whether no reference id was dropped. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  has(id: number): boolean {
    return this.#open?.has(id) ?? false;
  }

  /** @param id null for a request without a reference id. */
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

  /** Takes out an answered reference id. @returns whether there was such a request. */
  take(id: number | null): boolean {
    return id !== null && (this.#open?.delete(id) ?? false);
  }
}
