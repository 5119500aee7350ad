/** Charts with one mistake each, to measure what a suite finds. */
import type { ChartTable, TableStep } from '../table/table.js';
import { type Mistake, mistakesIn, stateOf } from './mistakes.js';
import type { Mutant } from './mutant.js';

/**
 * Generates every mutant of a table, in a fixed order: first the mutants with one mistake, then those with a hidden state.
 */
export function* mutantsOf(table: ChartTable): Generator<Mutant> {
  for (const state of Object.keys(table.states)) {
    for (const mistake of mistakesIn(table, state)) yield plainMutant(table, mistake);
  }
  for (const state of Object.keys(table.states)) yield* hiddenBehind(table, state);
}

/** The mutants in which a step leads to a hidden copy of its target, and the copy has a mistake. */
function* hiddenBehind(table: ChartTable, state: string): Generator<Mutant> {
  if (stateOf(table, state).isFinal) return;
  for (const [input, step] of Object.entries(table.steps[state] ?? {})) {
    if (stateOf(table, step.to).isFinal) continue;
    const hidden = hiddenTable(table, state, input, step);
    for (const mistake of mistakesIn(hidden.table, hidden.copy)) {
      yield hiddenMutant(hidden, mistake);
    }
  }
}

/** A mutant with one mistake. */
export function plainMutant(table: ChartTable, mistake: Mistake): Mutant {
  const { kind } = mistake;
  return { kind, description: described(mistake), table: withMistake(table, mistake) };
}

/** A table in which a step leads to a hidden copy of its target. */
export interface HiddenTable {
  readonly table: ChartTable;
  /** The name of the copy. */
  readonly copy: string;
  /** What is wrong so far. */
  readonly wrong: string;
}

export function hiddenTable(
  table: ChartTable,
  state: string,
  input: string,
  step: TableStep,
): HiddenTable {
  const copy = copyOf(step.to);
  const larger = withCopy(table, step.to);
  const steps = {
    ...larger.steps,
    [state]: { ...larger.steps[state], [input]: { ...step, to: copy } },
  };
  return { table: { ...larger, steps }, copy, wrong: `${state}, ${input}: leads to ${copy}` };
}

export function hiddenMutant({ table, wrong }: HiddenTable, mistake: Mistake): Mutant {
  return {
    kind: 'extra-state',
    description: `${wrong}, and ${described(mistake)}`,
    table: withMistake(table, mistake),
  };
}

function described({ state, input, wrong }: Mistake): string {
  return `${state}, ${input}: ${wrong}`;
}

function withMistake(table: ChartTable, { state, input, step }: Mistake): ChartTable {
  const steps = { ...table.steps, [state]: { ...table.steps[state], [input]: step } };
  return { ...table, steps };
}

/** The name of a state's copy: the state's name with a prime. */
function copyOf(state: string): string {
  return `${state}'`;
}

/** A table with an unreachable copy of a state. Steps that stay in the state stay in the copy. */
function withCopy(table: ChartTable, state: string): ChartTable {
  const copy = copyOf(state);
  const steps = Object.entries(table.steps[state] ?? {}).map(([input, step]) => {
    return [input, step.to === state ? { ...step, to: copy } : step] as const;
  });
  return {
    ...table,
    states: { ...table.states, [copy]: { ...stateOf(table, state), name: copy } },
    steps: { ...table.steps, [copy]: Object.fromEntries(steps) },
  };
}
