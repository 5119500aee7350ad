import { type Clock, longestDelay, never } from '../../machines/text/clock.js';
import { afterInput } from './after-input.js';

/** A running deadline: a node in the list of its delay. */
interface Deadline {
  /** Null after it was reached or cancelled. */
  reached: (() => void) | null;
  /** On the monotonic clock, in milliseconds. */
  readonly at: number;
  readonly list: DeadlineList;
  before: Deadline | null;
  after: Deadline | null;
}

/** The lists by their delays in whole milliseconds. Empty lists are removed. */
const lists = new Map<number, DeadlineList>();

/**
 * The deadlines of one delay. They end in the order in which they began, so one timer for the first of them is enough. Each of a hundred
 * thousand waiting sessions costs only a node.
 */
class DeadlineList {
  readonly #delay: number;
  #first: Deadline | null = null;
  #last: Deadline | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

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
    // A removed node must not point to others: an old node would keep all later ones from being collected young (decision 0012).
    deadline.reached = deadline.before = deadline.after = null;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    if (this.#first === null) this.#stop();
  }

  /** The list is empty. The next deadline of this delay creates a new list. */
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
    // The event loop reads from its sockets between timers and immediates.
    if (due.length > 0) afterInput(() => this.#reach(due));
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
        // The error surfaces as one of a separate timer, and the other deadlines are still reached.
        afterInput(() => {
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
 * A clock for deadlines that wait for a message. A deadline is never early, and all deadlines of one delay share a timer. Before a deadline
 * fires, input that has already arrived is read. So after a delay of the event loop the message counts, and never the order in which Node
 * handles timers and sockets.
 */
export const deadlineClock: Clock = {
  takesNever: true,
  setTimeout: begin,
  clearTimeout(deadline: Deadline | undefined) {
    if (deadline?.reached) deadline.list.remove(deadline);
  },
};
