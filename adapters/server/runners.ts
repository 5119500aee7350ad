import { type AnyActorRef, createActor } from 'xstate';
import {
  type RegistrationActor,
  type Seat,
  seatedEach,
  TableRunner,
} from '../../machines/index.js';
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

/** What can run the chart of a session. No step differs; the table is the faster by far. */
export const runners = {
  actor: actorIn,
  table: (seat: Seat) => new TableRunner({ seat, clock: deadlineClock }),
} as const satisfies Record<string, (seat: Seat) => RegistrationActor>;
export type RunnerName = keyof typeof runners;
