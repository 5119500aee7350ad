/** Runs the registration chart by its table: the same steps as an XState actor, at the cost of a lookup. */
import type { StateValue } from 'xstate';
import { expandChart } from '../../engine/table/compact-chart.js';
import {
  type CompiledChart,
  type CompiledStep,
  compiledChart,
} from '../../engine/table/compiled-chart.js';
import type { ChartTable } from '../../engine/table/table.js';
import { TableRunner } from '../../engine/table/table-runner.js';
import type { Clock } from '../../text/clock.js';
import type { RegistrationActor, RegistrationSnapshot } from '../chart/actor.js';
import { registrationChart } from '../chart/compiled/registration-chart.js';
import type {
  DisconnectReason,
  RegistrationEvent,
  Seat,
  SeatActions,
  SeatDelays,
} from '../chart/seat.js';

export interface RegistrationRunnerOptions {
  readonly seat: Seat;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** The table of a registration chart, e.g. a chart with a mistake, to test the tests. @default the registration chart */
  readonly table?: ChartTable | undefined;
}

/**
 * One session's run of the registration chart in a seat. It may replace an XState actor: both implement `RegistrationActor`, and a test
 * checks that no step differs.
 */
export class RegistrationRunner
  extends TableRunner<RegistrationEvent, RegistrationSnapshot>
  implements RegistrationActor
{
  readonly #seat: Seat;
  readonly #snapshots: readonly RegistrationSnapshot[];
  #reason: DisconnectReason | null = null;

  constructor({ seat, clock, table }: RegistrationRunnerOptions) {
    const chart = table ? compiledChart(table) : theChart();
    super(chart, clock);
    this.#seat = seat;
    this.#snapshots = snapshotsOf(chart);
  }

  protected override act(action: string, event: RegistrationEvent): void {
    const { actions } = this.#seat;
    if (action === 'disconnect') actions.disconnect?.(this.#reason ?? 'transport-error');
    else actions[action as keyof SeatActions]?.(event as never);
  }

  protected override delayOf(timer: string): number {
    return this.#seat.delays[timer as keyof SeatDelays];
  }

  protected override keep(step: CompiledStep, event: RegistrationEvent, isTimer: boolean): void {
    if (!isTimer) {
      if (event.type === 'Disconnected') this.#reason = event.reason;
      return;
    }
    const { reason } = (step.context ?? { reason: null }) as RegistrationSnapshot['context'];
    if (reason !== null) this.#reason = reason;
  }

  protected override snapshotOf(state: number): RegistrationSnapshot {
    const snapshot = this.#snapshots[state] as RegistrationSnapshot;
    return this.#reason === null ? snapshot : snapshotAt(snapshot.value, this.#reason);
  }
}

let expanded: CompiledChart | null = null;

/** The registration chart from its compiled data: no chart has to be explored for it. */
function theChart(): CompiledChart {
  expanded ??= expandChart(registrationChart);
  return expanded;
}

const snapshots = new WeakMap<CompiledChart, readonly RegistrationSnapshot[]>();

/** The snapshots of a chart while no session has ended, by the number of the state. They are shared by all sessions. */
function snapshotsOf(chart: CompiledChart): readonly RegistrationSnapshot[] {
  let known = snapshots.get(chart);
  if (!known) {
    known = chart.values.map((value) => snapshotAt(value, null));
    snapshots.set(chart, known);
  }
  return known;
}

function snapshotAt(
  value: StateValue | undefined,
  reason: DisconnectReason | null,
): RegistrationSnapshot {
  return { value, context: { reason } } as RegistrationSnapshot;
}
