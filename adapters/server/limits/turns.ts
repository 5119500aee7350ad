/** What waits for a later turn, and how to have it wait no more. */
export interface Wait {
  cancel(): void;
}

/**
 * The share of each turn of the event loop that unregistered connections may take together. Who finds it used up waits, in order,
 * for a turn in which there is some left; at least one message a turn gets through.
 */
export class Turns {
  /** Milliseconds a turn. */
  budget: number;
  readonly #now: () => number;
  readonly #nextTurn: (run: () => void) => void;
  #used = 0;
  #scheduled = false;
  readonly #waiting = new Set<() => void>();

  constructor(
    budget: number,
    now: () => number = () => performance.now(),
    nextTurn: (run: () => void) => void = (run) => void setImmediate(run),
  ) {
    this.budget = budget;
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** Whether this turn has time left for a message of a stranger. */
  mayRun(): boolean {
    return this.#used < this.budget;
  }

  /** Runs work at the cost of this turn's budget, and gives what it gives. */
  spend<Result>(work: () => Result): Result {
    const start = this.#now();
    try {
      return work();
    } finally {
      // A clock too coarse to see the work must not make it free for ever.
      this.#used += Math.max(this.#now() - start, 0.001);
      this.#schedule();
    }
  }

  /** Calls back in a turn that has time left, once. */
  wait(resume: () => void): Wait {
    const entry = () => resume();
    this.#waiting.add(entry);
    this.#schedule();
    return { cancel: () => void this.#waiting.delete(entry) };
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#nextTurn(() => this.#begin());
  }

  #begin(): void {
    this.#scheduled = false;
    this.#used = 0;
    for (const resume of this.#waiting) {
      if (!this.mayRun()) break;
      this.#waiting.delete(resume);
      resume();
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
