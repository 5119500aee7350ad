/** Runs the supervisor chart by its compiled data: the same steps as an XState actor. */
import { expandChart } from '../../engine/table/compact-chart.js';
import type { CompiledChart } from '../../engine/table/compiled-chart.js';
import { TableRunner } from '../../engine/table/table-runner.js';
import type { Clock } from '../../text/clock.js';
import type { RegistrationActor } from '../chart/actor.js';
import { supervisorChart } from '../chart/compiled/supervisor-chart.js';
import {
  guarded,
  guardOf,
  type SupervisorContext,
  type SupervisorEvent,
  type SupervisorInput,
  type SupervisorState,
  supervisorContext,
  supervisorGuards,
  supervisorUpdates,
} from '../chart/supervisor-rules.js';

/** What an adapter supplies. */
export interface SupervisorSeat {
  /** Creates a run of the registration chart for an attempt; the supervisor starts and stops it. */
  createRegistration(): RegistrationActor;
  /** Opens a connection for the run to `context.endpoints[context.endpoint]`. */
  open(context: SupervisorContext, registration: RegistrationActor): void;
  /** Closes the connection, or gives up setting it up. */
  close(event: SupervisorEvent): void;
}

export interface SupervisorSnapshot {
  readonly value: SupervisorState;
  /** `error`: an action threw, and the run has ended. */
  readonly status: 'active' | 'done' | 'error';
  readonly context: SupervisorContext;
}

let chart: CompiledChart | null = null;
const theChart = () => {
  chart ??= expandChart(supervisorChart);
  return chart;
};

export class SupervisorRunner extends TableRunner<SupervisorEvent, SupervisorSnapshot> {
  readonly #seat: SupervisorSeat;
  #context: SupervisorContext;
  #registration: RegistrationActor | null = null;
  #hasFailed = false;

  constructor(seat: SupervisorSeat, input: SupervisorInput, clock: Clock) {
    super(theChart(), clock);
    this.#seat = seat;
    this.#context = supervisorContext(input);
  }

  protected override inputOf(event: SupervisorEvent): string {
    const guard = guardOf[event.type];
    return guard && supervisorGuards[guard](this.#context, event)
      ? guarded(event.type)
      : event.type;
  }

  protected override act(action: string, event: SupervisorEvent): void {
    try {
      this.#do(action, event);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  #do(action: string, event: SupervisorEvent): void {
    if (action in supervisorUpdates) {
      const update = supervisorUpdates[action as keyof typeof supervisorUpdates];
      this.#context = { ...this.#context, ...update(this.#context, event) };
    } else if (action === 'startRegistration') {
      this.#registration = this.#seat.createRegistration();
    } else if (action === 'open') {
      // XState too starts a child when the actions of the step have run.
      const registration = this.#registration as RegistrationActor;
      this.#seat.open(this.#context, registration);
      registration.start();
    } else if (action === 'close') this.#seat.close(event);
    else if (action === 'stopRegistration') this.#registration?.stop();
  }

  protected override delayOf(): number {
    return this.#context.delay;
  }

  protected override keep(): void {}

  protected override snapshotOf(state: number): SupervisorSnapshot {
    const { values, isFinal } = theChart();
    return {
      value: values[state] as SupervisorState,
      status: this.#hasFailed ? 'error' : isFinal[state] ? 'done' : 'active',
      context: this.#context,
    };
  }
}
