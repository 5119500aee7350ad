import { type Clock, longestDelay, never } from '../../machines/index.js';

/** A deadline that runs: a link in the list of its delay. */
interface Deadline {
  /** Null when it was reached or cancelled. */
  reached: (() => void) | null;
  /** On the clock that never jumps. */
  readonly at: number;
  readonly list: DeadlineList;
  before: Deadline | null;
  after: Deadline | null;
}

/** By their delays in whole milliseconds; those that are empty go. */
const lists = new Map<number, DeadlineList>();

/**
 * The deadlines of one delay. They run out in the order in which they began, so that one timer, for the first of them, serves them
 * all: of a hundred thousand sessions that wait each costs a link.
 */
class DeadlineList {
  readonly #delay: number;
  #first: Deadline | null = null;
  #last: Deadline | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(delay: number) {
    this.#delay = delay;
  }

  add(reached: () => void): Deadline {
    const before = this.#last;
    const at = performance.now() + this.#delay;
    const deadline: Deadline = { reached, at, list: this, before, after: null };
    this.#last = deadline;
    if (before !== null) {
      before.after = deadline;
      return deadline;
    }
    this.#first = deadline;
    this.#wait(this.#delay);
    return deadline;
  }

  remove(deadline: Deadline): void {
    const { before, after } = deadline;
    // A link that is out must hold nothing: the first to grow old would keep all that came after it from being collected young.
    deadline.reached = deadline.before = deadline.after = null;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    if (this.#first === null) this.#stop();
  }

  /** Nobody waits; the next who does begins a list anew. */
  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    lists.delete(this.#delay);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer = null;
    const now = performance.now();
    const due: Deadline[] = [];
    for (let one: Deadline | null = this.#first; one && one.at - now <= 1; one = one.after) {
      due.push(one);
    }
    // Between timers and immediates the loop reads from its sockets.
    if (due.length > 0) setImmediate(() => this.#reach(due));
    else if (this.#first !== null) this.#wait(this.#first.at - now);
  }

  #reach(due: readonly Deadline[]): void {
    for (const deadline of due) {
      const { reached } = deadline;
      if (reached === null) continue;
      this.remove(deadline);
      try {
        reached();
      } catch (error) {
        // It is told as if it had a timer of its own, and takes nobody else's deadline away.
        setImmediate(() => {
          throw error;
        });
      }
    }
    if (this.#first !== null) this.#wait(this.#first.at - performance.now());
  }
}

function begin(reached: () => void, delay: number): Deadline | undefined {
  if (delay === never) return undefined;
  const ms = Math.min(Math.ceil(delay), longestDelay);
  let list = lists.get(ms);
  if (!list) {
    list = new DeadlineList(ms);
    lists.set(ms, list);
  }
  return list.add(reached);
}

/**
 * Real timers, never early, for whoever waits for a message; one timer for all that wait equally long. A deadline that has come lets what
 * has arrived until then be read first: after the event loop was held up it is always the message that counts and never the order in
 * which Node looks at timers and sockets.
 */
export const deadlineClock: Clock = {
  takesNever: true,
  setTimeout: begin,
  clearTimeout(deadline: Deadline | undefined) {
    if (deadline?.reached) deadline.list.remove(deadline);
  },
};
