/** A chart as a table: each of its states, each input, and what comes of it. Plain data; a runner and every proof read the same one. */
import type { StateValue } from 'xstate';

/** What an input does in a state. */
export interface TableStep {
  /** The name of the next state; the state's own when nothing changes. */
  readonly to: string;
  /** The actions that run, in order; parameters follow the name as JSON. What XState does itself (timers, assignments, logging) is not among them. */
  readonly actions: readonly string[];
  /** The timers that are stopped, and then those that are started. One that is in both starts again from the beginning. */
  readonly stops: readonly string[];
  readonly starts: readonly string[];
  /** The context afterwards, for the input that was explored. */
  readonly context: unknown;
}

export interface TableState {
  readonly name: string;
  /** As XState has it in a snapshot. */
  readonly value: StateValue;
  /** The timers that run in it. */
  readonly timers: readonly string[];
  /** Nothing happens in it any more. */
  readonly isFinal: boolean;
}

export interface ChartTable {
  /** The name of the first state. */
  readonly initial: string;
  /** What happens on the way into the first state. */
  readonly start: Omit<TableStep, 'to'>;
  /** By name, in the order in which they are found, breadth first. */
  readonly states: Readonly<Record<string, TableState>>;
  /** What can be said to the chart, in a fixed order. Each has a step in every state. */
  readonly events: readonly string[];
  /** Its timers. Each has a step in every state in which it runs. */
  readonly timers: readonly string[];
  /** By the name of the state, then by the event or the timer that runs out. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, TableStep>>>>;
}

/** The step of an input in a state. What a table does not have (a timer that does not run, a final state) changes nothing. */
export function stepOf(table: ChartTable, state: string, input: string): TableStep {
  const step = table.steps[state]?.[input];
  return step ?? { to: state, actions: [], stops: [], starts: [], context: null };
}
