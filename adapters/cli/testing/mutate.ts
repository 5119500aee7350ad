import { type Command, Option } from 'commander';
import {
  type Criterion,
  evaluateSuite,
  extraStatesOf,
  type Kills,
  killedIn,
  type MutantColumn,
  type MutantGroup,
  measuredCriteria,
  mutantColumns,
  mutantCounts,
  type Population,
  parseCriterion,
  populationOf,
  ServerModel,
  suiteOf,
  survivorsOf,
} from '../../../machines/index.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes, UsageError } from '../exit-codes.js';
import { type Output, rounded } from '../output.js';
import { MutantTable, survivor } from './mutant-table.js';
import { progressOf } from './progress.js';

const help = `
A mutant is the chart with one mistake: a wrong output, a wrong target, a missing transition, a timer that is missing, restarted or not
stopped, or a hidden copy of a state in which one of these is wrong. A suite kills it when one of its cases sees a difference. Mutants that
no sequence of inputs tells from the chart are equivalent and do not count. The columns w0, w1 and w2 are those that, as a tester sees them,
have at most 0, 1 and 2 states more than the chart: the W-method promises to kill all of these.

Examples:
  ixgate mutate
  ixgate mutate --criterion transitions --criterion w1 --survivors
  ixgate mutate --criterion random:5000 --json

`;

interface MutateFlags {
  readonly criterion?: readonly Criterion[];
  readonly survivors?: true;
}

/** `ixgate mutate`: how strong the suites are. */
export function addMutate(program: Command, { output, outcome }: CommandContext): void {
  program
    .command('mutate')
    .description('measure suites: which charts with one mistake each of them finds')
    .addOption(
      new Option(
        '--criterion <criterion>',
        `whose suite, repeatable: all, or states, transitions, pairs, w0, w1, w2, random:N (default all: ${measuredCriteria.join(', ')})`,
      ).argParser(criteriaFrom),
    )
    .option('--survivors', 'list what a suite does not find, each with a shortest case that would')
    .option('--json', 'write JSON: one object for the mutants, then one a criterion')
    .addHelpText('after', `${help}${exitCodeHelp()}`)
    .action((flags: MutateFlags) => {
      outcome.code = mutate(flags, output);
    });
}

/** Adds what one `--criterion` says to what those before it said. */
function criteriaFrom(text: string, before: readonly Criterion[] = []): readonly Criterion[] {
  try {
    const said = text === 'all' ? measuredCriteria : [parseCriterion(text)];
    return [...new Set([...before, ...said])];
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function mutate({ criterion = measuredCriteria, survivors }: MutateFlags, output: Output): number {
  const startedAt = performance.now();
  const model = new ServerModel();
  const population = measured('mutants', (at) => populationOf(model, at));
  const columns = mutantColumns(population);
  const table = new MutantTable(population, columns, criterion);
  output.tell(table.head(), populationJson(population, columns));
  let isAsPromised = true;
  for (const one of criterion) {
    const from = performance.now();
    const suite = suiteOf(model, one);
    const kills = measured('cases', (at) => {
      return evaluateSuite(suite, population.own, population.groups, (played) =>
        at(played, suite.cases),
      );
    });
    const alive = survivorsOf(population, kills);
    const promise = columns.find(({ name }) => name === one && extraStatesOf(one) !== null);
    const holds = promise === undefined || killedIn(promise, kills) === promise.total;
    isAsPromised &&= holds;
    const lines = [
      table.line(kills),
      ...(holds ? [] : [output.paint.red(`  ${one} does not find all that it promises`)]),
      ...(survivors ? alive.map(survivor) : []),
    ];
    output.tell(lines.join('\n'), killsJson(kills, columns, alive, performance.now() - from));
  }
  if (!output.json) {
    const seconds = (performance.now() - startedAt) / 1_000;
    output.tell(output.paint.dim(`${seconds.toFixed(1)} s`), null);
  }
  return isAsPromised ? exitCodes.ok.code : exitCodes.differs.code;
}

function measured<Result>(
  what: string,
  work: (at: (done: number, total?: number) => void) => Result,
): Result {
  const progress = progressOf(what);
  try {
    return work((done, total) => progress.at(done, total));
  } finally {
    progress.end();
  }
}

function populationJson(population: Population, columns: readonly MutantColumn[]) {
  return {
    ...mutantCounts(population),
    states: population.own.machine.states.length,
    equivalentByKind: Object.fromEntries(population.equivalent),
    differing: countsOf(columns, ({ total }) => total),
  };
}

function killsJson(
  kills: Kills,
  columns: readonly MutantColumn[],
  alive: readonly MutantGroup[],
  elapsed: number,
) {
  const { criterion, cases, inputs } = kills;
  return {
    criterion,
    cases,
    inputs,
    elapsedMs: rounded(elapsed),
    killed: countsOf(columns, (column) => killedIn(column, kills)),
    survivors: alive.map(({ mutants, difference }) => ({ mutants, difference })),
  };
}

function countsOf(columns: readonly MutantColumn[], count: (column: MutantColumn) => number) {
  return Object.fromEntries(columns.map((column) => [column.name, count(column)]));
}
