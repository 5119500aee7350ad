/** Continues a registration chart in a configuration, with the rest of its deadline. */
import { type ActorOptions, type AnyActorRef, createActor, type Snapshot } from 'xstate';
import type { Clock } from '../../text/clock.js';
import type { RegistrationSnapshot } from '../chart/actor.js';
import { type Configuration, configurationOf } from '../chart/configurations.js';
import { type registrationMachine, seatedEach } from '../chart/registration.js';
import type { RegistrationEvent, Seat } from '../chart/seat.js';
import { pathTo } from './paths.js';

const seats = new WeakMap<AnyActorRef, Seat>();

/** One machine for all sessions: creating a machine takes longer than a short session. */
const machine = seatedEach((actor) => {
  const seat = seats.get(actor);
  if (!seat) throw new Error('an actor without a seat');
  return seat;
});

/** An actor of the registration chart in a seat; not started. */
export function registrationActor(seat: Seat, options: ActorOptions<typeof registrationMachine>) {
  const actor = createActor(machine, options);
  seats.set(actor, seat);
  return actor;
}

export interface ActorAtOptions {
  readonly seat: Seat;
  /** Milliseconds left of the running deadline. @default the whole delay of the seat */
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
 * Restores a persisted registration. `getPersistedSnapshot()` has the state of the chart without its timers: persist the milliseconds
 * left (`Session.deadline`) beside it.
 * @param snapshot from `getPersistedSnapshot()`
 * @param options `deadline`: the milliseconds left, minus the time since then; 1 or more.
 * @returns a started actor with the same state whose deadline runs for that time. For a disconnected session, an actor that has ended.
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
