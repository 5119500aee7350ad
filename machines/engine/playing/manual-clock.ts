/** A clock for actors that advances only by calls. */
interface Timeout {
  readonly at: number;
  readonly run: () => void;
}

/** For `createActor(machine, { clock })`. Callbacks that are due at the same moment run in the order in which they were set. */
export class ManualClock {
  readonly #timeouts = new Map<number, Timeout>();
  #now = 0;
  #last = 0;

  setTimeout = (run: (...args: unknown[]) => void, milliseconds: number): number => {
    this.#last += 1;
    this.#timeouts.set(this.#last, { at: this.#now + milliseconds, run });
    return this.#last;
  };

  clearTimeout = (id: number): void => {
    this.#timeouts.delete(id);
  };

  /** Lets milliseconds pass. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      const [id, { at, run }] = next;
      this.#timeouts.delete(id);
      this.#now = at;
      run();
    }
    this.#now = end;
  }

  #next(end: number): readonly [number, Timeout] | null {
    let next: readonly [number, Timeout] | null = null;
    for (const one of this.#timeouts) {
      if (one[1].at <= end && (next === null || one[1].at < next[1].at)) next = one;
    }
    return next;
  }
}
