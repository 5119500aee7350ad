/** A wait that can be cancelled. */
export interface Cancelable {
  cancel(): void;
}

/** Minimum milliseconds that are counted: with a coarse clock work must not be free. */
const minCost = 0.001;

/**
 * The part of each turn of the event loop that a group of connections may use together: the unregistered ones, or the registered ones that
 * have used up their own share. When it is used up, connections wait in order for a later turn. At least one message is processed each
 * turn.
 */
export class EventLoopBudget {
  /** Milliseconds per turn. */
  budget: number;
  readonly #now: () => number;
  readonly #nextTurn: (run: () => void) => void;
  #used = 0;
  #scheduled = false;
  /** The connection that was just called back goes before the waiting ones, for one message. */
  #resuming = false;
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

  /** Whether this turn has time left for a message. No message overtakes the waiting ones. */
  mayRun(): boolean {
    return this.#hasTime() && (this.#resuming || this.#waiting.size === 0);
  }

  /** Starts work that counts for the budget. @returns the start time, for `end` */
  begin(): number {
    this.#resuming = false;
    return this.#now();
  }

  /** Ends work that began at `start`, also after an error. */
  end(start: number): void {
    this.#used += Math.max(this.#now() - start, minCost);
    this.#schedule();
  }

  /** Calls back once, in a turn that has time left. */
  wait(resume: () => void): Cancelable {
    const entry = () => resume();
    this.#waiting.add(entry);
    this.#schedule();
    return { cancel: () => void this.#waiting.delete(entry) };
  }

  #hasTime(): boolean {
    return this.#used === 0 || this.#used < this.budget;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#nextTurn(this.#newTurn);
  }

  readonly #newTurn = (): void => {
    this.#scheduled = false;
    this.#used = 0;
    try {
      for (const resume of this.#waiting) {
        if (!this.#hasTime()) break;
        this.#waiting.delete(resume);
        this.#resume(resume);
      }
    } finally {
      this.#resuming = false;
      if (this.#waiting.size > 0) this.#schedule();
    }
  };

  #resume(resume: () => void): void {
    const before = this.#used;
    this.#resuming = true;
    resume();
    // A connection that waits again without having worked would be called again and again in this turn.
    if (this.#used === before) this.#used += minCost;
  }
}
