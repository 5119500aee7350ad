/** Continues a registration chart in a configuration, with what is left of its deadline. */
import { type ActorOptions, type AnyActorRef, createActor, type Snapshot } from 'xstate';
import { mealyMachineOf, registrationTable, stateCover } from '../../engine/mealy/index.js';
import type { RegistrationSnapshot } from '../session/step.js';
import { type Configuration, configurationOf } from './configurations.js';
import { type registrationMachine, seatedEach } from './registration.js';
import type { Clock, RegistrationEvent, Seat } from './seat.js';

const seats = new WeakMap<AnyActorRef, Seat>();

/** One machine for every session: making a machine takes longer than a short session. */
const machine = seatedEach((actor) => {
  const seat = seats.get(actor);
  if (!seat) throw new Error('an actor without a seat');
  return seat;
});

/** An actor of the registration chart in a seat of its own; not started. */
export function registrationActor(seat: Seat, options: ActorOptions<typeof registrationMachine>) {
  const actor = createActor(machine, options);
  seats.set(actor, seat);
  return actor;
}

let paths: ReadonlyMap<string, readonly string[]> | null = null;

/** The shortest path to a configuration. */
function pathTo(configuration: Configuration): readonly string[] {
  paths ??= stateCover(mealyMachineOf(registrationTable()));
  return paths.get(configuration) ?? [];
}

export interface ActorAtOptions {
  readonly seat: Seat;
  /** Milliseconds left of the deadline that runs in the configuration. @default the whole delay of the seat */
  readonly deadline?: number | null | undefined;
  readonly clock?: Clock | undefined;
}

/** A started actor in a configuration. No action of the seat runs on the way there. */
export function actorAt(configuration: Configuration, { seat, deadline, clock }: ActorAtOptions) {
  const running = configuration.endsWith('/rejection') ? 'rejectionTimeout' : 'registrationTimeout';
  const left = deadline ?? seat.delays[running];
  const delays = { registrationTimeout: left, rejectionTimeout: left };
  const actor = registrationActor({ actions: {}, delays }, clock ? { clock } : {});
  actor.start();
  for (const type of pathTo(configuration)) actor.send({ type } as RegistrationEvent);
  seats.set(actor, seat);
  return actor;
}

/**
 * Restores a persisted registration: `getPersistedSnapshot()` keeps the state of the chart and not its timers, so keep the milliseconds
 * that were left (`Session.deadline`) beside it.
 * @param snapshot of `getPersistedSnapshot()`
 * @param options `deadline`: the milliseconds left, less the time that has passed since; 1 or more.
 * @returns a started actor with the same state whose deadline runs for that time. A disconnected session has ended.
 * @throws {RangeError} when `deadline` is not a number from 1, or null.
 */
export function restoreRegistration(snapshot: Snapshot<unknown>, options: ActorAtOptions) {
  const { deadline = null } = options;
  if (deadline !== null && !(deadline >= 1)) {
    throw new RangeError(`invalid deadline ${deadline}: expected milliseconds from 1, or null`);
  }
  const { status } = snapshot;
  if (status !== 'active') {
    const clock = options.clock ? { clock: options.clock } : {};
    return registrationActor(options.seat, { ...clock, snapshot }).start();
  }
  return actorAt(configurationOf(snapshot as unknown as RegistrationSnapshot), options);
}
