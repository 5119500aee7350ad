import type { ChartTable, TableState, TableStep } from '../table/table.js';
import type { MutantKind } from './mutant.js';

/** A step with a mistake. */
export interface Mistake {
  readonly kind: Exclude<MutantKind, 'extra-state'>;
  readonly state: string;
  /** The event, or the timer that expires. */
  readonly input: string;
  /** The mistake, e.g. `leads to registered instead of awaiting/rejection`. */
  readonly wrong: string;
  readonly step: TableStep;
}

/** Generates every single mistake in the steps of a state. A final state has none: its steps have no effect. */
export function* mistakesIn(table: ChartTable, state: string): Generator<Mistake> {
  const { isFinal, timers: running } = stateOf(table, state);
  if (isFinal) return;
  for (const [input, step] of Object.entries(table.steps[state] ?? {})) {
    const left = running.filter((timer) => timer !== input);
    for (const change of changesOf(table, state, step, left)) yield { state, input, ...change };
  }
}

type Change = Pick<Mistake, 'kind' | 'wrong' | 'step'>;

/** @param running the timers that run when the step is taken. */
function* changesOf(
  table: ChartTable,
  state: string,
  step: TableStep,
  running: readonly string[],
): Generator<Change> {
  const { to, actions, starts, stops } = step;
  for (const other of actionListsOf(table)) {
    if (named(other) === named(actions)) continue;
    const wrong = `does ${named(other)} instead of ${named(actions)}`;
    yield { kind: 'output', wrong, step: { ...step, actions: other } };
  }
  for (const other of Object.values(table.states)) {
    if (other.name === to) continue;
    const wrong = `leads to ${other.name} instead of ${to}`;
    yield {
      kind: 'target',
      wrong,
      step: { ...step, to: other.name, ...timersInto(other, running) },
    };
  }
  const missing = { ...step, to: state, actions: [], starts: [], stops: [] };
  if (JSON.stringify(missing) !== JSON.stringify(step)) {
    yield { kind: 'missing', wrong: 'is missing', step: missing };
  }
  for (const timer of starts) {
    const changed = { ...step, starts: starts.filter((one) => one !== timer) };
    yield { kind: 'timer-missing', wrong: `does not start ${timer}`, step: changed };
  }
  for (const timer of running) {
    if (stops.includes(timer)) {
      const changed = { ...step, stops: stops.filter((one) => one !== timer) };
      yield { kind: 'timer-not-stopped', wrong: `does not stop ${timer}`, step: changed };
    } else {
      const changed = { ...step, starts: [...starts, timer] };
      yield { kind: 'timer-restarted', wrong: `starts ${timer} again`, step: changed };
    }
  }
}

/** The timer changes of a step into a state. As in a chart, timers belong to states: a wrong target runs the timers of that state. */
export function timersInto(
  { timers }: TableState,
  running: readonly string[],
): Pick<TableStep, 'starts' | 'stops'> {
  return {
    stops: running.filter((timer) => !timers.includes(timer)),
    starts: timers.filter((timer) => !running.includes(timer)),
  };
}

const lists = new WeakMap<ChartTable, readonly (readonly string[])[]>();

/** The distinct action lists of the steps of a table, and the empty list. */
function actionListsOf(table: ChartTable): readonly (readonly string[])[] {
  const known = lists.get(table);
  if (known) return known;
  const steps = Object.values(table.steps).flatMap((inputs) => Object.values(inputs));
  const all = [[], ...steps.map(({ actions }) => actions)];
  const distinct = [...new Map(all.map((actions) => [named(actions), actions])).values()];
  lists.set(table, distinct);
  return distinct;
}

function named(actions: readonly string[]): string {
  return actions.join(', ') || 'nothing';
}

export function stateOf(table: ChartTable, name: string): TableState {
  const state = table.states[name];
  if (!state) throw new RangeError(`a table has no state ${JSON.stringify(name)}`);
  return state;
}
