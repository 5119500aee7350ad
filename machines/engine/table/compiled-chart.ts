/** A chart compiled: its table with numbers for names, laid out for whoever runs thousands of sessions by it. */
import type { StateValue } from 'xstate';
import type { DisconnectReason, SeatActions } from '../../registration/chart/seat.js';
import type { RegistrationSnapshot } from '../../registration/session/step.js';
import type { ChartTable, TableStep } from '../mealy/index.js';

/** What an input does in a state. */
export interface CompiledStep {
  /** The number of the next state. */
  readonly to: number;
  /** The seat's actions, in order. */
  readonly actions: readonly (keyof SeatActions)[];
  /** The numbers of the timers that are stopped, and then of those that are started. */
  readonly stops: readonly number[];
  readonly starts: readonly number[];
  /** Why the session ends, where a timer ends it. */
  readonly reason: DisconnectReason | null;
}

/**
 * A registration chart for `RegistrationRunner`. Never written by hand: `compiledChart` makes it of the table, and the table is made of the
 * XState chart. Of a session it needs to know no more than the number of its state.
 */
export interface CompiledChart {
  readonly initial: number;
  /** The number of an event or a timer; inputs the chart does not know have none. */
  readonly inputs: ReadonlyMap<string, number>;
  /** The timers, by their numbers. */
  readonly timers: readonly string[];
  /** By the number of the state times the number of inputs, plus the number of the input. */
  readonly steps: readonly CompiledStep[];
  /** What an input does that the chart does not know, by the number of the state. */
  readonly stays: readonly CompiledStep[];
  /** Where a session is, by the number of its state, while nothing has ended it. */
  readonly snapshots: readonly RegistrationSnapshot[];
  /** Whether nothing happens any more, by the number of the state. */
  readonly isFinal: readonly boolean[];
}

const compiled = new WeakMap<ChartTable, CompiledChart>();

/** The chart of a table; compiled once for each. */
export function compiledChart(table: ChartTable): CompiledChart {
  let chart = compiled.get(table);
  if (!chart) {
    chart = compile(table);
    compiled.set(table, chart);
  }
  return chart;
}

function compile(table: ChartTable): CompiledChart {
  const names = Object.keys(table.states);
  const inputs = [...table.events, ...table.timers];
  const numbers = (timers: readonly string[]) => timers.map((name) => table.timers.indexOf(name));
  const stay = (state: string): CompiledStep => ({
    to: names.indexOf(state),
    actions: [],
    stops: [],
    starts: [],
    reason: null,
  });
  const compileStep = (step: TableStep, input: string): CompiledStep => ({
    to: names.indexOf(step.to),
    actions: step.actions as readonly (keyof SeatActions)[],
    stops: numbers(step.stops),
    starts: numbers(step.starts),
    reason: table.timers.includes(input)
      ? (step.context as { readonly reason: DisconnectReason | null }).reason
      : null,
  });
  return {
    initial: names.indexOf(table.initial),
    inputs: new Map(inputs.map((name, number) => [name, number])),
    timers: table.timers,
    steps: names.flatMap((state) =>
      inputs.map((input) => {
        const step = table.steps[state]?.[input];
        return step ? compileStep(step, input) : stay(state);
      }),
    ),
    stays: names.map(stay),
    snapshots: names.map((name) => snapshotOf(table.states[name]?.value, null)),
    isFinal: names.map((name) => table.states[name]?.isFinal === true),
  };
}

export function snapshotOf(
  value: StateValue | undefined,
  reason: DisconnectReason | null,
): RegistrationSnapshot {
  return { value, context: { reason } } as RegistrationSnapshot;
}
