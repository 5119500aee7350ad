/** Charts with one mistake each, to measure what a suite finds. */
import { type ChartTable, registrationTable } from '../mealy/index.js';
import { type Mistake, mistakesIn, stateOf } from './mistakes.js';
import type { Mutant } from './mutant.js';

/**
 * Every mutant of a table, one after the other, the same each time: first those with one mistake, then those with a hidden state.
 * @param table @default registrationTable()
 */
export function* mutantsOf(table: ChartTable = registrationTable()): Generator<Mutant> {
  for (const state of Object.keys(table.states)) {
    for (const mistake of mistakesIn(table, state)) {
      const { kind } = mistake;
      yield { kind, description: described(mistake), table: withMistake(table, mistake) };
    }
  }
  for (const state of Object.keys(table.states)) yield* hiddenBehind(table, state);
}

/** The mutants in which one of a state's steps leads to a copy of where it should. */
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

/** A state's copy is called like it with a prime. */
function copyOf(state: string): string {
  return `${state}'`;
}

/** A table with a copy of a state beside it, to which nothing leads. What stays in the state stays in the copy. */
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
