/** The strength of a suite: which mutants its cases find. */
import type { Case, Suite } from '../testgen/suite.js';
import type { Behaviour, MutantGroup } from './behaviours.js';

/** The mutants that a suite kills. */
export interface Kills<Input extends string = string> {
  readonly criterion: string;
  /** The number of cases, and of inputs in all of them. */
  readonly cases: number;
  readonly inputs: number;
  /** For each group of mutants the first case of the suite that finds it. Groups without an entry survive. */
  readonly by: ReadonlyMap<MutantGroup<Input>, Case<Input>>;
}

/**
 * Plays each case of a suite on the behaviour of each group of mutants.
 * @param own the behaviour of the model.
 * @param onCase called with the number of cases played.
 */
export function evaluateSuite<Input extends string>(
  suite: Suite<Input>,
  own: Behaviour,
  groups: readonly MutantGroup<Input>[],
  onCase: (played: number) => void = () => {},
): Kills<Input> {
  const by = new Map<MutantGroup<Input>, Case<Input>>();
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

/** Whether a sequence of inputs tells two behaviours apart. */
export function isToldApart(
  { machine: one }: Behaviour,
  { machine: other }: Behaviour,
  inputs: readonly string[],
): boolean {
  let [a, b] = [one.initial, other.initial];
  for (const input of inputs) {
    const [left, right] = [one.step(a, input), other.step(b, input)];
    if (left.output !== right.output) return true;
    [a, b] = [left.to, right.to];
  }
  return false;
}
