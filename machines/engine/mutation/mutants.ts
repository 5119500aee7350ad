/** Charts with one mistake each, to measure what a suite finds. */
import type { ChartTable } from '../table/table.js';
import { type Mistake, mistakesIn, stateOf } from './mistakes.js';
import type { Mutant } from './mutant.js';

/**
 * Generates every mutant of a table, in a fixed order: first the mutants with one mistake, then those with a hidden state.
 */
export function* mutantsOf(table: ChartTable): Generator<Mutant> {
  for (const state of Object.keys(table.states)) {
    for (const mistake of mistakesIn(table, state)) {
      const { kind } = mistake;
      yield { kind, description: described(mistake), table: withMistake(table, mistake) };
    }
  }
  for (const state of Object.keys(table.states)) yield* hiddenBehind(table, state);
}

/** The mutants in which a step leads to a hidden copy of its target, and the copy has a mistake. */
function* hiddenBehind(table: ChartTable, state: string): Generator<Mutant> {
  if (stateOf(table, state).isFinal) return;
  for (const [input, step] of Object.entries(table.steps[state] ?? {})) {
    if (stateOf(table, step.to).isFinal) continue;
    const copy = copyOf(step.to);
    const larger = withCopy(table, step.to);
    const steps = {
      ...larger.steps,
      [state]: { ...larger.steps[state], [input]: { ...step, to: copy } },
    };
    const hidden = { ...larger, steps };
    for (const mistake of mistakesIn(hidden, copy)) {
      const description = `${state}, ${input}: leads to ${copy}, and ${described(mistake)}`;
      yield { kind: 'extra-state', description, table: withMistake(hidden, mistake) };
    }
  }
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
