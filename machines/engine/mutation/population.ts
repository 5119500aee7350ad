/** All mutants of the registration chart, sorted by what a tester sees of them. */
import type { ServerModel } from '../../registration/sut/index.js';
import { type Behaviour, behaviourOf, groupsOf, type MutantGroup } from './behaviours.js';
import type { Mutant, MutantKind } from './mutant.js';
import { mutantsOf } from './mutants.js';

export interface Population {
  /** What is seen of the model itself. */
  readonly own: Behaviour;
  /** The mutants that some sequence of inputs tells from the model; those that nothing tells apart are together. */
  readonly groups: readonly MutantGroup[];
  /** How many mutants there are that nothing tells from the model, by kind. */
  readonly equivalent: ReadonlyMap<MutantKind, number>;
}

/** @param onMutant told how many mutants have been looked at. */
export function populationOf(
  model: ServerModel,
  onMutant: (done: number) => void = () => {},
): Population {
  const all = groupsOf(model, counted(mutantsOf(), onMutant));
  const equivalent = all.filter(({ difference }) => difference === null);
  return {
    own: behaviourOf(model),
    groups: all.filter(({ difference }) => difference !== null),
    equivalent: mutantsByKind(equivalent),
  };
}

/** How many mutants of each kind there are in some groups. */
export function mutantsByKind(groups: Iterable<MutantGroup>): ReadonlyMap<MutantKind, number> {
  const counts = new Map<MutantKind, number>();
  for (const { mutants } of groups) {
    for (const { kind } of mutants) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/**
 * The class that the W-method promises to find: the mutants that, as the tester sees them, have no more states than the model and so many
 * extra ones.
 */
export function wClassOf({ own, groups }: Population, extra: number): readonly MutantGroup[] {
  const most = own.machine.states.length + extra;
  return groups.filter(({ machine }) => machine.states.length <= most);
}

function* counted(mutants: Iterable<Mutant>, onMutant: (done: number) => void): Generator<Mutant> {
  let done = 0;
  for (const mutant of mutants) {
    yield mutant;
    done += 1;
    onMutant(done);
  }
}
