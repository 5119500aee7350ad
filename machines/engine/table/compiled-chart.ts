/** A compiled chart: a table with numbers instead of names, for the runner, which may run thousands of sessions. */
import type { StateValue } from 'xstate';
import type { ChartTable, TableStep } from './table.js';

/** The effect of an input in a state. */
export interface CompiledStep {
  /** The number of the next state. */
  readonly to: number;
  /** The names of the actions, in order. */
  readonly actions: readonly string[];
  /** The numbers of the timers that are stopped, and then of those that are started. */
  readonly stops: readonly number[];
  readonly starts: readonly number[];
  /** The context after the step, for the event that was explored; null for an unknown input. */
  readonly context: unknown;
}

/**
 * A chart for `TableRunner`. `compiledChart` makes it from the table, and the table is explored from the XState chart. The runner keeps
 * only the number of the state for each session.
 */
export interface CompiledChart {
  readonly initial: number;
  /** The number of each event and timer. An unknown input has no number. */
  readonly inputs: ReadonlyMap<string, number>;
  /** The names of the timers, by their numbers. */
  readonly timers: readonly string[];
  /** The steps, by the number of the state times the number of inputs, plus the number of the input. */
  readonly steps: readonly CompiledStep[];
  /** The step of an unknown input, by the number of the state: nothing changes. */
  readonly stays: readonly CompiledStep[];
  /** The state value of an XState snapshot, by the number of the state. */
  readonly values: readonly (StateValue | undefined)[];
  /** Whether the machine has ended, by the number of the state. */
  readonly isFinal: readonly boolean[];
}

const compiled = new WeakMap<ChartTable, CompiledChart>();

/** The compiled form of a table. Each table is compiled once. */
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
    context: null,
  });
  const compileStep = (step: TableStep): CompiledStep => ({
    to: names.indexOf(step.to),
    actions: step.actions,
    stops: numbers(step.stops),
    starts: numbers(step.starts),
    context: step.context,
  });
  return {
    initial: names.indexOf(table.initial),
    inputs: new Map(inputs.map((name, number) => [name, number])),
    timers: table.timers,
    steps: names.flatMap((state) =>
      inputs.map((input) => {
        const step = table.steps[state]?.[input];
        return step ? compileStep(step) : stay(state);
      }),
    ),
    stays: names.map(stay),
    values: names.map((name) => table.states[name]?.value),
    isFinal: names.map((name) => table.states[name]?.isFinal === true),
  };
}
