/** The strength table of suites: criterion x mutants killed. */
import type { Criterion } from '../testgen/criteria.js';
import type { MutantGroup } from './behaviours.js';
import type { Kills } from './evaluate-suite.js';
import { mutantKindNames } from './mutant.js';
import { type Population, wClassOf } from './population.js';

/** The criteria of the table, in order. */
export const measuredCriteria: readonly Criterion[] = [
  'states',
  'transitions',
  'pairs',
  'w0',
  'w1',
  'w2',
  'random:100',
  'random:1000',
];

/** A column of the table: a subset of the mutants that differ from the model. */
export interface MutantColumn {
  /** A kind of mistake, `all`, or `w0`, `w1` and `w2` for the classes that the W-method guarantees to find. */
  readonly name: string;
  readonly total: number;
  /** The number of mutants of a group that belong to the column. */
  countIn(group: MutantGroup): number;
}

/** The columns in a fixed order: the kinds, all of them, the classes of the W-method. */
export function mutantColumns(population: Population): readonly MutantColumn[] {
  const { groups } = population;
  const column = (name: string, countIn: (group: MutantGroup) => number): MutantColumn => {
    return { name, countIn, total: sum(groups, countIn) };
  };
  const inClass = (extra: number) => {
    const members = new Set(wClassOf(population, extra));
    return column(`w${extra}`, (group) => (members.has(group) ? group.mutants.length : 0));
  };
  return [
    ...mutantKindNames.map((kind) =>
      column(kind, ({ mutants }) => mutants.filter((mutant) => mutant.kind === kind).length),
    ),
    column('all', ({ mutants }) => mutants.length),
    ...[0, 1, 2].map(inClass),
  ];
}

/** The number of mutants of a column that a suite kills. */
export function killedIn({ countIn }: MutantColumn, { by }: Kills): number {
  return sum(by.keys(), countIn);
}

/** A cell of the table: `95/112`, or `-` for an empty column. */
export function shareKilled(column: MutantColumn, kills: Kills): string {
  return column.total === 0 ? '-' : `${killedIn(column, kills)}/${column.total}`;
}

/** The number of mutants, and of distinct behaviours that differ from the model. */
export function mutantCounts({ groups, equivalent }: Population) {
  let same = 0;
  for (const count of equivalent.values()) same += count;
  const differing = sum(groups, ({ mutants }) => mutants.length);
  return { mutants: same + differing, equivalent: same, differing, distinct: groups.length };
}

/** The groups that survive a suite. */
export function survivorsOf<Input extends string>(
  { groups }: Population<Input>,
  { by }: Kills<Input>,
): readonly MutantGroup<Input>[] {
  return groups.filter((group) => !by.has(group));
}

function sum(groups: Iterable<MutantGroup>, countIn: (group: MutantGroup) => number): number {
  let all = 0;
  for (const group of groups) all += countIn(group);
  return all;
}
