/** The table of how strong suites are: criterion x mutants killed. */
import type { Criterion } from '../testgen/index.js';
import type { MutantGroup } from './behaviours.js';
import type { Kills } from './evaluate-suite.js';
import { mutantKindNames } from './mutant.js';
import { type Population, wClassOf } from './population.js';

/** The criteria of the table, in its order. */
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

/** Some of the mutants that differ from the model. */
export interface MutantColumn {
  /** A kind of mistake, `all`, or `w0`, `w1` and `w2` for the classes that the W-method promises to find. */
  readonly name: string;
  readonly total: number;
  /** How many mutants of a group belong to it. */
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

/** How many mutants of a column a suite finds. */
export function killedIn({ countIn }: MutantColumn, { by }: Kills): number {
  return sum(by.keys(), countIn);
}

/** A cell of the table: `95/112`, or `-` where there is nothing to find. */
export function shareKilled(column: MutantColumn, kills: Kills): string {
  return column.total === 0 ? '-' : `${killedIn(column, kills)}/${column.total}`;
}

/** How many mutants there are, and in how many ways they differ from the model. */
export function mutantCounts({ groups, equivalent }: Population) {
  let same = 0;
  for (const count of equivalent.values()) same += count;
  const differing = sum(groups, ({ mutants }) => mutants.length);
  return { mutants: same + differing, equivalent: same, differing, distinct: groups.length };
}

/** The groups of which a suite finds nothing. */
export function survivorsOf({ groups }: Population, { by }: Kills): readonly MutantGroup[] {
  return groups.filter((group) => !by.has(group));
}

function sum(groups: Iterable<MutantGroup>, countIn: (group: MutantGroup) => number): number {
  let all = 0;
  for (const group of groups) all += countIn(group);
  return all;
}
