/** What waits for a later turn, and how to have it wait no more. */
export interface Cancelable {
  cancel(): void;
}

/** The least that is counted, in milliseconds: a clock too coarse to see the work must not make it free for ever. */
const leastCost = 0.001;

/**
 * The share of each turn of the event loop that a group of connections may take together: those that are not registered, or the
 * registered ones that have used up their own share. Who finds it used up waits, in order, for a turn in which there is some left; at
 * least one message a turn gets through.
 */
export class EventLoopBudget {
  /** Milliseconds a turn. */
  budget: number;
  readonly #now: () => number;
  readonly #nextTurn: (run: () => void) => void;
  #used = 0;
  #scheduled = false;
  /** The one that was just called back goes before those who wait, for one message. */
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

  /** Whether this turn has time left for a message. No message overtakes those that wait. */
  mayRun(): boolean {
    return this.#hasTime() && (this.#resuming || this.#waiting.size === 0);
  }

  /** Work begins that is at the cost of this turn's budget. @returns what `end` has to be given. */
  begin(): number {
    this.#resuming = false;
    return this.#now();
  }

  /** Work has ended that began at `start`; also when it threw. */
  end(start: number): void {
    this.#used += Math.max(this.#now() - start, leastCost);
    this.#schedule();
  }

  /** Calls back in a turn that has time left, once. */
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
    // Who waits again without work would be called again in this turn, without end.
    if (this.#used === before) this.#used += leastCost;
  }
}
