/** How strong a suite is: which mutants its cases find. */
import type { ServerInput } from '../../registration/sut/index.js';
import type { Case, Suite } from '../testgen/index.js';
import type { Behaviour, MutantGroup } from './behaviours.js';

/** What a suite does to mutants. */
export interface Kills {
  readonly criterion: string;
  /** How many cases there are, and inputs in all of them. */
  readonly cases: number;
  readonly inputs: number;
  /** The case that finds the mutants of a group: the first of the suite that does. Those that are missing survive. */
  readonly by: ReadonlyMap<MutantGroup, Case>;
}

/**
 * Plays each case of a suite on what is seen of the mutants; of those that are told apart by nothing, on one.
 * @param own what is seen of the model.
 * @param onCase told how many cases have been played.
 */
export function evaluateSuite(
  suite: Suite,
  own: Behaviour,
  groups: readonly MutantGroup[],
  onCase: (played: number) => void = () => {},
): Kills {
  const by = new Map<MutantGroup, Case>();
  let alive = groups.filter(({ difference }) => difference !== null);
  let cases = 0;
  let inputs = 0;
  for (const one of suite) {
    const played = one.steps.map(({ input }) => input);
    alive = alive.filter((group) => {
      if (!isToldApart(own, group, played)) return true;
      by.set(group, one);
      return false;
    });
    cases += 1;
    inputs += played.length;
    onCase(cases);
  }
  return { criterion: suite.criterion, cases, inputs, by };
}

/** Whether a sequence of inputs tells a behaviour from another one. */
export function isToldApart(
  { machine: one }: Behaviour,
  { machine: other }: Behaviour,
  inputs: readonly ServerInput[],
): boolean {
  let [a, b] = [one.initial, other.initial];
  for (const input of inputs) {
    const [mine, theirs] = [one.step(a, input), other.step(b, input)];
    if (mine.output !== theirs.output) return true;
    [a, b] = [mine.to, theirs.to];
  }
  return false;
}
