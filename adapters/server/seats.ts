import { type AnyActorRef, createActor } from 'xstate';
import { type Clock, type Seat, seatedEach, systemClock } from '../../machines/index.js';

const seats = new WeakMap<AnyActorRef, Seat>();

/** One machine for every session: making one for each would cost more than all the rest of a short session. */
const machine = seatedEach((actor) => {
  const seat = seats.get(actor);
  if (!seat) throw new Error('an actor without a seat');
  return seat;
});

interface Deadline {
  readonly timeout: unknown;
  immediate: NodeJS.Immediate | undefined;
}

/**
 * Real timers. A deadline that has come lets what has arrived until then be read first: after the event loop was held up it is
 * always the client's message that counts and never the order in which Node looks at timers and sockets.
 */
const clock: Clock = {
  setTimeout(fn, ms): Deadline {
    const deadline: Deadline = {
      immediate: undefined,
      // Between timers and immediates the loop reads from its sockets.
      timeout: systemClock.setTimeout(() => {
        deadline.immediate = setImmediate(fn);
      }, ms),
    };
    return deadline;
  },
  clearTimeout({ timeout, immediate }: Deadline): void {
    systemClock.clearTimeout(timeout);
    clearImmediate(immediate);
  },
};

/** A registration actor in a seat of its own; it is not started. */
export function actorIn(seat: Seat) {
  const actor = createActor(machine, { clock });
  seats.set(actor, seat);
  return actor;
}
