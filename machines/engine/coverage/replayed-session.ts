/** A session of a machine, replayed from the events that an actor got. */
import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { PureTransitions } from '../table/pure-transitions.js';
import type { ActorCoverage } from './actor-coverage.js';
import type { ActorSession } from './actor-session.js';

/**
 * Replays events with pure transitions: no action runs, no actor and no timer starts. The end of a timer or an actor is an event
 * like any other (`xstate.after.300.green`, `xstate.done.actor.load`).
 */
export class ReplayedSession {
  readonly #pure: PureTransitions;
  readonly #session: ActorSession;
  #snapshot: AnyMachineSnapshot;

  /** @throws what the machine throws at its start */
  constructor(coverage: ActorCoverage, input: unknown) {
    this.#session = coverage.newSession();
    this.#pure = new PureTransitions(coverage.machine, (step) => this.#session.microstep(step));
    [this.#snapshot] = this.#pure.start(input);
    if (this.#snapshot.status === 'error') throw this.#snapshot.error;
    this.#session.start(this.#snapshot);
    this.#session.rest({ type: 'xstate.init' }, this.#snapshot);
  }

  /** Takes an event; after the end of the machine it has no effect. @throws what a guard or an assignment throws */
  take(event: EventObject): void {
    if (this.#snapshot.status !== 'active') return;
    [this.#snapshot] = this.#pure.take(this.#snapshot, event);
    this.#session.rest(event, this.#snapshot);
  }
}
