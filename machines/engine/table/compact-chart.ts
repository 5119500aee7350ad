/** Compiled charts as plain data that is written to files: a program that loads one needs neither XState nor the explorer. */
import type { StateValue } from 'xstate';
import type { CompiledChart, CompiledStep } from './compiled-chart.js';
import type { ChartTable, TableStep } from './table.js';

/**
 * A step: the number of the next state, the names of the actions, the numbers of the timers that are stopped and that are started, and for a
 * timer the context after the step, where it differs from the one at the start. Empty parts at the end are left out.
 */
export type CompactStep = readonly [
  to: number,
  actions?: string,
  stops?: readonly number[],
  starts?: readonly number[],
  context?: unknown,
];

/** The first state is the initial one. */
export interface CompactChart {
  readonly events: readonly string[];
  readonly timers: readonly string[];
  /** The steps of a state by their inputs; inputs that change nothing and run no action are left out. */
  readonly states: readonly {
    readonly value: StateValue;
    readonly isFinal?: true;
    readonly steps: Readonly<Record<string, CompactStep>>;
  }[];
}

/** A table as compact data. */
export function compactOf(table: ChartTable): CompactChart {
  const names = Object.keys(table.states);
  const numbers = (timers: readonly string[]) => timers.map((name) => table.timers.indexOf(name));
  const start = JSON.stringify(table.start.context);
  const isAtStart = (context: unknown) => JSON.stringify(context) === start;
  const compact = (step: TableStep, input: string): CompactStep => {
    const parts: unknown[] = [
      names.indexOf(step.to),
      step.actions.join(' '),
      numbers(step.stops),
      numbers(step.starts),
      table.timers.includes(input) && !isAtStart(step.context) ? step.context : '',
    ];
    while ((parts.at(-1) as { readonly length?: number }).length === 0) parts.pop();
    return parts as unknown as CompactStep;
  };
  return {
    events: table.events,
    timers: table.timers,
    states: names.map((name, number) => {
      const steps = Object.entries(table.steps[name] ?? {}).map(
        ([input, step]) => [input, compact(step, input)] as const,
      );
      const changing = steps.filter(([, step]) => step.length > 1 || step[0] !== number);
      const { value = '', isFinal = false } = table.states[name] ?? {};
      return { value, ...(isFinal && { isFinal }), steps: Object.fromEntries(changing) };
    }),
  };
}

/** The compiled chart of compact data. */
export function expandChart({ events, timers, states }: CompactChart): CompiledChart {
  const inputs = [...events, ...timers];
  const expand = ([to, actions = '', stops = [], starts = [], context = null]: CompactStep) => {
    const names = actions === '' ? [] : actions.split(' ');
    return { to, actions: names, stops, starts, context } satisfies CompiledStep;
  };
  return {
    initial: 0,
    inputs: new Map(inputs.map((name, number) => [name, number])),
    timers,
    steps: states.flatMap(({ steps }, state) =>
      inputs.map((input) => expand(steps[input] ?? [state])),
    ),
    stays: states.map((_, state) => expand([state])),
    values: states.map(({ value }) => value),
    isFinal: states.map(({ isFinal }) => isFinal === true),
  };
}
