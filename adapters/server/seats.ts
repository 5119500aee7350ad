import { type AnyActorRef, createActor } from 'xstate';
import { type Seat, seatedEach } from '../../machines/index.js';
import { deadlineClock } from '../deadline.js';

const seats = new WeakMap<AnyActorRef, Seat>();

/** One machine for every session: making one for each would cost more than all the rest of a short session. */
const machine = seatedEach((actor) => {
  const seat = seats.get(actor);
  if (!seat) throw new Error('an actor without a seat');
  return seat;
});

/** A registration actor in a seat of its own; it is not started. */
export function actorIn(seat: Seat) {
  const actor = createActor(machine, { clock: deadlineClock });
  seats.set(actor, seat);
  return actor;
}
