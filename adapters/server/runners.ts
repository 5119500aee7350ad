import { type AnyActorRef, createActor } from 'xstate';
import {
  type Configuration,
  type Continuation,
  finiteMachineOf,
  type RegistrationActor,
  type RegistrationEvent,
  registrationTable,
  type Seat,
  seatedEach,
  stateCover,
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

let paths: ReadonlyMap<string, readonly string[]> | null = null;

/** The shortest way into a configuration. */
function pathTo(configuration: Configuration): readonly string[] {
  paths ??= stateCover(finiteMachineOf(registrationTable()));
  return paths.get(configuration) ?? [];
}

/** An actor that goes on where something else has run the chart of a seat: it is led there while nobody sits in the seat. */
export function actorAt(seat: Seat): Continuation {
  return (configuration, deadline) => {
    const left = deadline ?? seat.delays.registrationTimeout;
    const delays = { registrationTimeout: left, rejectionTimeout: left };
    const actor = actorIn({ actions: {}, delays });
    actor.start();
    for (const type of pathTo(configuration)) actor.send({ type } as RegistrationEvent);
    seats.set(actor, seat);
    return actor;
  };
}
