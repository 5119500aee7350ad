/** The size of a suite before it is generated. */
import { stateCover, transitionCover } from '../mealy/covers.js';
import { characterizationSet } from '../mealy/distinguishing.js';
import { minimalForm } from '../mealy/minimal.js';
import { type Criterion, extraStatesOf, randomCasesOf } from './criteria.js';
import type { TestModel } from './model.js';
import { randomLength } from './random.js';

/** Upper bounds: a suite has at most this many cases, and inputs in all of them. */
export interface SuiteEstimate {
  readonly cases: number;
  readonly inputs: number;
}

/** At most how large the suite of a criterion is. It is computed without the suite: prefixes that fall away are counted, too. */
export function estimateSuite(
  model: Pick<TestModel, 'machine'>,
  criterion: Criterion,
): SuiteEstimate {
  const random = randomCasesOf(criterion);
  if (random !== null) return { cases: random, inputs: random * randomLength };
  const extra = extraStatesOf(criterion);
  const machine = extra === null ? model.machine() : minimalForm(model.machine()).machine;
  const { length: inputs } = machine.inputs;
  const { length: states } = machine.states;
  const steps = states * inputs;
  if (extra === null) {
    // At worst, each state, transition or pair needs its own path. The path is at most as long as the longest path of the state cover.
    const cases = { states, transitions: steps, pairs: steps * inputs }[criterion as 'states'];
    const depth = 2 + Math.max(0, ...[...stateCover(machine).values()].map(({ length }) => length));
    return { cases, inputs: cases * depth };
  }
  const cover = transitionCover(machine);
  const telling = characterizationSet(machine);
  let middles = 0;
  let middleInputs = 0;
  for (let length = 0; length <= extra; length += 1) {
    middles += inputs ** length;
    middleInputs += length * inputs ** length;
  }
  const ends = Math.max(1, telling.length);
  const total = (sequences: readonly (readonly string[])[]) =>
    sequences.reduce((sum, { length }) => sum + length, 0);
  return {
    cases: cover.length * middles * ends,
    inputs:
      total(cover) * middles * ends +
      cover.length * middleInputs * ends +
      cover.length * middles * total(telling),
  };
}
