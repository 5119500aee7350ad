/** Generates the suite of a criterion. */
import { stateCover } from '../mealy/covers.js';
import type { MealyMachine } from '../mealy/mealy-machine.js';
import { minimalForm } from '../mealy/minimal.js';
import {
  type Criterion,
  extraStatesOf,
  guaranteeOf,
  parseCriterion,
  randomCasesOf,
} from './criteria.js';
import type { SuiteSettings, TestModel } from './model.js';
import { pairPaths, transitionPaths } from './paths.js';
import { randomSequences } from './random.js';
import { statePaths } from './state-paths.js';
import { type Case, caseIdOf, type Suite } from './suite.js';
import { wSequences } from './w-method.js';

export interface SuiteOptions {
  /** The seed of a random suite: a whole number from 0 to 4294967295. @default 1 */
  readonly seed?: number;
  /**
   * Maximum number of inputs in a case, 1 or more: a longer case is split, and its parts begin with the shortest way to where they go
   * on; only that way may be longer. Cases of the W-method are not split. @default no limit
   */
  readonly maxLength?: number;
}

/**
 * The suite of a criterion. It is deterministic. Its cases are generated while they are read, and once before that to count them: a suite
 * of any size needs the memory of one case (a random suite that of all its ids).
 * @throws {RangeError} for an unknown criterion or an invalid seed.
 */
export function suiteOf<Input extends string, Settings extends SuiteSettings>(
  model: TestModel<Input, Settings>,
  criterion: Criterion,
  { seed = 1, maxLength = Number.POSITIVE_INFINITY }: SuiteOptions = {},
): Suite<Input, Settings> {
  parseCriterion(criterion);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xff_ff_ff_ff) {
    throw new RangeError(`invalid seed ${seed}: expected a whole number from 0 to 4294967295`);
  }
  if (!(maxLength >= 1)) {
    throw new RangeError(`invalid maxLength ${maxLength}: expected a number, 1 or more`);
  }
  // Paths take the transitions of all states, also of those that no test distinguishes.
  const isWMethod = extraStatesOf(criterion) !== null;
  const machine = isWMethod ? minimalForm(model.machine()).machine : model.machine();
  const { isError, inputs, settings } = model;
  // Paths that cover something are lists, which take time; others are generated one by one, each time again.
  const first = sequencesOf(machine, criterion, seed, isError);
  const generated = () =>
    Array.isArray(first) ? first : sequencesOf(machine, criterion, seed, isError);
  const limit = isWMethod ? Number.POSITIVE_INFINITY : maxLength;
  const sequences = () =>
    playableOf(model, splitAt(limit, machine, generated()) as Iterable<Input[]>);
  const { cases, steps } = counted(sequences());
  const facts = { states: machine.states.length, cases, model };
  return {
    suite: 1,
    criterion,
    guarantee: guaranteeOf(criterion, facts),
    seed: randomCasesOf(criterion) === null ? null : seed,
    inputs,
    ...settings,
    cases,
    steps,
    *[Symbol.iterator]() {
      for (const sequence of sequences()) yield caseOf(model, sequence);
    },
  };
}

/** The case of a sequence of inputs, with the expected outputs of the model. */
export function caseOf<Input extends string>(
  model: Pick<TestModel<Input>, 'expect'>,
  inputs: readonly Input[],
): Case<Input> {
  return { id: caseIdOf(inputs), steps: model.expect(inputs) };
}

/**
 * The sequences of inputs of a criterion, for any minimal machine.
 * @param isError whether an output contains an error; used by random criteria only.
 */
export function sequencesOf(
  machine: MealyMachine,
  criterion: Criterion,
  seed: number,
  isError: (output: string) => boolean = () => false,
): Iterable<string[]> {
  const extra = extraStatesOf(criterion);
  if (extra !== null) return wSequences(machine, extra);
  if (criterion === 'states') return statePaths(machine);
  if (criterion === 'transitions') return transitionPaths(machine);
  if (criterion === 'pairs') return pairPaths(machine);
  return randomSequences(machine, randomCasesOf(criterion) ?? 0, seed, isError);
}

/** The sequences, split into parts of a length; each part begins with the shortest way to its first state. */
function* splitAt(
  maxLength: number,
  machine: MealyMachine,
  sequences: Iterable<readonly string[]>,
): Generator<readonly string[]> {
  if (maxLength === Number.POSITIVE_INFINITY) return yield* sequences;
  const ways = stateCover(machine);
  for (const sequence of sequences) {
    let part: string[] = [];
    let state = machine.initial;
    for (const [at, input] of sequence.entries()) {
      part.push(input);
      const before = state;
      state = machine.step(state, input).to;
      if (part.length < maxLength || at === sequence.length - 1) continue;
      yield part;
      // The last input again: the next two inputs are a pair, too.
      part = [...(ways.get(before) ?? []), input];
    }
    if (part.length > 0) yield part;
  }
}

/** The sequences without the inputs that a tester cannot give, each once. */
function* playableOf<Input extends string>(
  model: TestModel<Input>,
  sequences: Iterable<readonly Input[]>,
): Generator<readonly Input[]> {
  if (!model.playable) return yield* sequences;
  const known = new Set<string>();
  for (const sequence of sequences) {
    const playable = model.playable(sequence);
    const id = caseIdOf(playable);
    if (playable.length === 0 || known.has(id)) continue;
    known.add(id);
    yield playable;
  }
}

function counted(sequences: Iterable<readonly string[]>): { cases: number; steps: number } {
  let [cases, steps] = [0, 0];
  for (const { length } of sequences) {
    cases += 1;
    steps += length;
  }
  return { cases, steps };
}
