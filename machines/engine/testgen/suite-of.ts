import type { ServerInput, ServerModel } from '../../registration/sut/index.js';
import { type MealyMachine, minimalForm } from '../mealy/index.js';
import {
  type Criterion,
  extraStatesOf,
  guaranteeOf,
  parseCriterion,
  randomCasesOf,
} from './criteria.js';
import { pairPaths, transitionPaths } from './paths.js';
import { randomSequences } from './random.js';
import { statePaths } from './state-paths.js';
import { type Case, caseIdOf, type Suite } from './suite.js';
import { wSequences } from './w-method.js';

export interface SuiteOptions {
  /** Of a random suite: a whole number from 0 to 4294967295. @default 1 */
  readonly seed?: number;
}

/**
 * The suite of a criterion. It is deterministic. Its cases are made while they are asked for, and once before, to be counted: a suite of
 * any size needs the memory of one case (random ones that of all their ids).
 * @throws {RangeError} when there is no such criterion, or the seed is none.
 */
export function suiteOf(
  model: ServerModel,
  criterion: Criterion,
  { seed = 1 }: SuiteOptions = {},
): Suite {
  parseCriterion(criterion);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xff_ff_ff_ff) {
    throw new RangeError(`the seed is ${seed}; allowed: a whole number from 0 to 4294967295`);
  }
  const { machine } = minimalForm(model.machine());
  const sequences = () => sequencesOf(machine, criterion, seed) as Iterable<ServerInput[]>;
  const { cases, steps } = counted(sequences());
  const { answers, inputs } = model;
  const facts = { states: machine.states.length, inputs: inputs.length, cases, answers };
  return {
    suite: 1,
    criterion,
    guarantee: guaranteeOf(criterion, facts),
    seed: randomCasesOf(criterion) === null ? null : seed,
    inputs,
    answers,
    cases,
    steps,
    *[Symbol.iterator]() {
      for (const sequence of sequences()) yield caseOf(model, sequence);
    },
  };
}

/** The case of some inputs: what the model does with each. */
export function caseOf(model: ServerModel, inputs: readonly ServerInput[]): Case {
  return { id: caseIdOf(inputs), steps: model.expect(inputs) };
}

/** Sequences of inputs for a criterion, of any minimal machine. */
export function sequencesOf(
  machine: MealyMachine,
  criterion: Criterion,
  seed: number,
): Iterable<string[]> {
  const extra = extraStatesOf(criterion);
  if (extra !== null) return wSequences(machine, extra);
  if (criterion === 'states') return statePaths(machine);
  if (criterion === 'transitions') return transitionPaths(machine);
  if (criterion === 'pairs') return pairPaths(machine);
  const isError = (output: string) => output.includes('EventError');
  return randomSequences(machine, randomCasesOf(criterion) ?? 0, seed, isError);
}

function counted(sequences: Iterable<readonly string[]>): { cases: number; steps: number } {
  let [cases, steps] = [0, 0];
  for (const { length } of sequences) {
    cases += 1;
    steps += length;
  }
  return { cases, steps };
}
