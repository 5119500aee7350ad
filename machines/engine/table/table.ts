/** A chart as a table: for each state and input the resulting step. Plain data; the runner and every check read the same table. */
import type { StateValue } from 'xstate';

/** The effect of an input in a state. */
export interface TableStep {
  /** The name of the next state; the same state when nothing changes. */
  readonly to: string;
  /** The actions that run, in order; parameters follow the name as JSON. XState's built-in timers, assignments and logging are left out. */
  readonly actions: readonly string[];
  /** The timers that are stopped, and then those that are started. A timer in both lists restarts. */
  readonly stops: readonly string[];
  readonly starts: readonly string[];
  /** Ids of the transitions taken (`Edge`), in order: one, or one for each region, and those that follow without an event. */
  readonly transitions: readonly string[];
  /** The context after the step, for the event that was explored. */
  readonly context: unknown;
}

export interface TableState {
  readonly name: string;
  /** The state value of an XState snapshot. */
  readonly value: StateValue;
  /** The timers that run in this state. */
  readonly timers: readonly string[];
  /** The ids of the actors that run in this state. */
  readonly actors: readonly string[];
  /** The keys of the context that decide what the chart does, with their values. Other keys may differ each time the state is reached. */
  readonly context: Readonly<Record<string, unknown>>;
  /** The machine has ended, or failed: no input has an effect. */
  readonly isFinal: boolean;
}

/** The results of one guard while the chart was explored. */
export interface GuardResults {
  /** The id of the transition (`Edge`). */
  readonly transition: string;
  /** The name of the guard, or `inline`. */
  readonly guard: string;
  /** Whether it was true, and false, at least once. A guard that was never asked has neither. */
  readonly wasTrue: boolean;
  readonly wasFalse: boolean;
}

/** Something that a reader of a table should know. */
export interface ChartNote {
  /**
   * `crash`: an exception of the chart's own functions; `unreached`: a state that no input reaches; `event-data`: data that explored events
   * lack; `missing-delay`: a delay without an implementation.
   */
  readonly kind: 'crash' | 'unreached' | 'event-data' | 'missing-delay';
  /** One sentence. */
  readonly text: string;
}

export interface ChartTable {
  /** The name of the first state. */
  readonly initial: string;
  /** The step into the first state. */
  readonly start: Omit<TableStep, 'to'>;
  /** By name, in the order of a breadth-first search. */
  readonly states: Readonly<Record<string, TableState>>;
  /** The events, in a fixed order. Each has a step in every state. */
  readonly events: readonly string[];
  /** The timers. Each has a step in every state in which it runs. */
  readonly timers: readonly string[];
  /** Milliseconds of each timer; a timer with different delays (a function of the context or the event) is left out. */
  readonly delays: Readonly<Record<string, number>>;
  /** The guards of transitions, in document order. */
  readonly guards: readonly GuardResults[];
  /** By the name of the state, then by the event or the timer that expires. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, TableStep>>>>;
  /** What the table does not tell, e.g. states that no input reaches. */
  readonly notes: readonly ChartNote[];
}

/** The step of an input in a state. An input without an entry (a timer that does not run, any input of a final state) changes nothing. */
export function stepOf(table: ChartTable, state: string, input: string): TableStep {
  const step = table.steps[state]?.[input];
  return step ?? unchanged(state, null);
}

/** Whether a step is a transition or leads elsewhere: an exception takes no transition. */
export function hasEffect(step: Pick<TableStep, 'transitions' | 'to'>, state: string): boolean {
  return step.transitions.length > 0 || step.to !== state;
}

/** The step of an input that has no effect. */
export function unchanged(state: string, context: unknown): TableStep {
  return { to: state, actions: [], stops: [], starts: [], transitions: [], context };
}
