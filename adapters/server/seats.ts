import { type AnyActorRef, createActor } from 'xstate';
import { type Clock, type Seat, seatedEach, systemClock } from '../../machines/index.js';

const seats = new WeakMap<AnyActorRef, Seat>();

/** One machine for every session: making one for each would cost more than all the rest of a short session. */
const machine = seatedEach((actor) => {
  const seat = seats.get(actor);
  if (!seat) throw new Error('an actor without a seat');
  return seat;
});

/** A deadline that runs. */
class Deadline {
  readonly #reached: () => void;
  readonly #at: number;
  #timer: unknown;
  #immediate: NodeJS.Immediate | undefined;

  constructor(reached: () => void, ms: number) {
    this.#reached = reached;
    this.#at = performance.now() + ms;
    this.#wait(ms);
  }

  cancel(): void {
    systemClock.clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #wait(ms: number): void {
    this.#timer = systemClock.setTimeout(() => {
      // Node counts a timer from the beginning of the turn in which it was set: after a long turn it comes early.
      const left = this.#at - performance.now();
      if (left > 1) this.#wait(left);
      // Between timers and immediates the loop reads from its sockets.
      else this.#immediate = setImmediate(this.#reached);
    }, ms);
  }
}

/**
 * Real timers, never early. A deadline that has come lets what has arrived until then be read first: after the event loop was held up
 * it is always the client's message that counts and never the order in which Node looks at timers and sockets.
 */
export const deadlineClock: Clock = {
  setTimeout: (fn, ms) => new Deadline(fn, ms),
  clearTimeout: (deadline: Deadline) => deadline.cancel(),
};

/** A registration actor in a seat of its own; it is not started. */
export function actorIn(seat: Seat) {
  const actor = createActor(machine, { clock: deadlineClock });
  seats.set(actor, seat);
  return actor;
}
