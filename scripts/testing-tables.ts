import {
  evaluateSuite,
  type MutantColumn,
  type MutantKind,
  measuredCriteria,
  mutantColumns,
  mutantCounts,
  mutantKindNames,
  mutantKinds,
  type Population,
  populationOf,
  ServerModel,
  shareKilled,
  suiteOf,
} from '../machines/index.js';
import { code, table, withTables } from './readme-tables.js';

/** docs/testing.md with the tables of the mutants as `ixgate mutate` gives them now. Takes some seconds. */
export function withStrength(page: string): string {
  const model = new ServerModel();
  const population = populationOf(model);
  const columns = mutantColumns(population);
  const named = new Map([
    ['mutants', mutantsTable(population, columns)],
    ['strength', strengthTable(model, population, columns)],
  ]);
  return withTables(page, named, 'docs/testing.md');
}

function mutantsTable(population: Population, columns: readonly MutantColumn[]): string {
  const row = (name: MutantKind) => {
    const differing = columns.find((column) => column.name === name)?.total ?? 0;
    const equivalent = population.equivalent.get(name) ?? 0;
    return [code(name), mutantKinds[name], differing + equivalent, equivalent, differing].map(
      String,
    );
  };
  const { mutants, equivalent, differing } = mutantCounts(population);
  return table(
    ['kind', 'the mistake', 'mutants', 'equivalent', 'to be found'],
    [...mutantKindNames.map(row), ['all', '', mutants, equivalent, differing].map(String)],
  );
}

function strengthTable(
  model: ServerModel,
  population: Population,
  columns: readonly MutantColumn[],
): string {
  // What no test can find needs no column.
  const shown = columns.filter(({ total }) => total > 0);
  const rows = measuredCriteria.map((criterion) => {
    const kills = evaluateSuite(suiteOf(model, criterion), population.own, population.groups);
    const cells = shown.map((column) => shareKilled(column, kills));
    return [code(criterion), `${kills.cases}`, `${kills.inputs}`, ...cells];
  });
  const names = shown.map(({ name }) => (/^w\d$/.test(name) ? `class of ${name}` : name));
  return table(['criterion', 'cases', 'inputs', ...names], rows);
}
