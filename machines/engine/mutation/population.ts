/** All mutants of a model's chart, grouped by their observable behaviour. */

import type { SimulatedSystem, SimulationModel } from '../testgen/simulation.js';
import { type Behaviour, behaviourOf, groupsOf, type MutantGroup } from './behaviours.js';
import type { Mutant, MutantKind } from './mutant.js';
import { sampleOfMutants } from './sample.js';

export interface Population<Input extends string = string> {
  /** The behaviour of the model itself. */
  readonly own: Behaviour;
  /** The mutants that differ from the model, grouped by their behaviour. */
  readonly groups: readonly MutantGroup<Input>[];
  /** The number of mutants that are equivalent to the model, by kind. */
  readonly equivalent: ReadonlyMap<MutantKind, number>;
}

/**
 * @param onMutant called with the number of mutants examined.
 * @param limit maximum number of mutants: a sample of them, the same each time. @default all
 */
export function populationOf<Input extends string, System extends SimulatedSystem<System>>(
  model: SimulationModel<Input, System>,
  onMutant: (done: number) => void = () => {},
  limit = Number.POSITIVE_INFINITY,
): Population<Input> {
  const mutants = sampleOfMutants(model.table, limit);
  const all = groupsOf(model, counted(mutants, onMutant));
  const equivalent = all.filter(({ difference }) => difference === null);
  return {
    own: behaviourOf(model),
    groups: all.filter(({ difference }) => difference !== null),
    equivalent: mutantsByKind(equivalent),
  };
}

/** The number of mutants of each kind in some groups. */
export function mutantsByKind(groups: Iterable<MutantGroup>): ReadonlyMap<MutantKind, number> {
  const counts = new Map<MutantKind, number>();
  for (const { mutants } of groups) {
    for (const { kind } of mutants) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/**
 * The mutants that the W-method guarantees to find: those whose behaviour has at most `extra` states more than the model.
 */
export function wClassOf<Input extends string>(
  { own, groups }: Population<Input>,
  extra: number,
): readonly MutantGroup<Input>[] {
  const maxStates = own.machine.states.length + extra;
  return groups.filter(({ machine }) => machine.states.length <= maxStates);
}

function* counted(mutants: Iterable<Mutant>, onMutant: (done: number) => void): Generator<Mutant> {
  let done = 0;
  for (const mutant of mutants) {
    yield mutant;
    done += 1;
    onMutant(done);
  }
}
