import { type Command, Option } from 'commander';
import type { MutantGroup } from '../../../machines/engine/mutation/behaviours.js';
import { evaluateSuite, type Kills } from '../../../machines/engine/mutation/evaluate-suite.js';
import { type Population, populationOf } from '../../../machines/engine/mutation/population.js';
import {
  killedIn,
  type MutantColumn,
  measuredCriteria,
  mutantColumns,
  mutantCounts,
  survivorsOf,
} from '../../../machines/engine/mutation/strength.js';
import {
  type Criterion,
  extraStatesOf,
  parseCriterion,
} from '../../../machines/engine/testgen/criteria.js';
import type { SuiteSettings, TestModel } from '../../../machines/engine/testgen/model.js';
import type {
  SimulatedSystem,
  SimulationModel,
} from '../../../machines/engine/testgen/simulation.js';
import { suiteOf } from '../../../machines/engine/testgen/suite-of.js';
import { ServerModel } from '../../../machines/registration/sut/server-model.js';
import {
  addModelOptions,
  asChartError,
  type ModelFlags,
  modelFrom,
  refuseWithoutMachine,
} from '../charts/model-options.js';
import { wholeNumberFrom } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { asUsageError, exitCodeHelp, exitCodes, UsageError } from '../exit-codes.js';
import { type Output, rounded } from '../output.js';
import { MutantTable, survivor } from './mutant-table.js';
import { progressOf } from './progress.js';

const help = `
A mutant is the chart with one mistake: a wrong output, a wrong target, a missing transition, a timer that is missing, restarted or not
stopped, or a hidden copy of a state with one of these mistakes. A suite kills a mutant when one of its cases shows a difference. A mutant
is equivalent, and does not count, when no sequence of inputs distinguishes it from the chart. The columns w0, w1 and w2 are the mutants
with at most 0, 1 and 2 additional states, as a tester sees them: the W-method guarantees to kill all of these.

Examples:
  ixgate mutate
  ixgate mutate --criterion transitions --criterion w1 --survivors
  ixgate mutate --criterion random:5000 --json
  ixgate mutate --machine ./light.ts

`;

/** The criteria that are measured for a chart: the larger suites of a large chart take minutes. */
const chartCriteria: readonly Criterion[] = ['states', 'transitions', 'pairs', 'w0', 'random:100'];

/** The usual maximum number of mutants of a chart. */
const usualMutants = 5_000;

interface MutateFlags extends ModelFlags {
  readonly criterion?: readonly Criterion[];
  readonly survivors?: true;
  readonly mutants?: number;
}

/** `ixgate mutate`: measures the strength of suites. */
export function addMutate(command: Command, context: CommandContext): void {
  const { output, outcome } = context;
  addModelOptions(command)
    .addOption(
      new Option(
        '--mutants <number>',
        `with --machine: maximum number of mutants, drawn at random from all (default ${usualMutants})`,
      ).argParser(wholeNumberFrom('--mutants', 1, 10_000_000)),
    )
    .addOption(
      new Option(
        '--criterion <criterion>',
        `criterion of a suite, repeatable: all, or states, transitions, pairs, w0, w1, w2, random:N (default all: ${measuredCriteria.join(', ')})`,
      ).argParser(criteriaFrom),
    )
    .option(
      '--survivors',
      'list the mutants that a suite does not kill, each with a shortest case that would',
    )
    .option('--json', 'write JSON: one object for the mutants, then one for each criterion')
    .addHelpText('after', `${help}${exitCodeHelp()}`)
    .action(async (flags: MutateFlags) => {
      if (flags.machine === undefined) {
        refuseWithoutMachine(command, ['mutants']);
        outcome.code = mutate(new ServerModel(), flags, output);
        return;
      }
      const { model } = await modelFrom(flags, context);
      const chosen = { criterion: chartCriteria, mutants: usualMutants, ...flags };
      outcome.code = asUsageError(() => asChartError(() => mutate(model, chosen, output)));
    });
}

/** Adds the criteria of one `--criterion` to those before it. */
function criteriaFrom(text: string, before: readonly Criterion[] = []): readonly Criterion[] {
  try {
    const added = text === 'all' ? measuredCriteria : [parseCriterion(text)];
    return [...new Set([...before, ...added])];
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function mutate<
  Input extends string,
  Settings extends SuiteSettings,
  System extends SimulatedSystem<System>,
>(
  model: TestModel<Input, Settings> & SimulationModel<Input, System>,
  { criterion = measuredCriteria, survivors, mutants }: MutateFlags,
  output: Output,
): number {
  const startedAt = performance.now();
  const population = measured(output, 'mutants', (at) => populationOf(model, at, mutants));
  const columns = mutantColumns(population);
  const table = new MutantTable(population, columns, criterion);
  output.tell(table.head(), populationJson(population, columns));
  let isGuaranteed = true;
  for (const one of criterion) {
    const from = performance.now();
    const suite = suiteOf(model, one);
    const kills = measured(output, 'cases', (at) => {
      return evaluateSuite(suite, population.own, population.groups, (played) =>
        at(played, suite.cases),
      );
    });
    const alive = survivorsOf(population, kills);
    const guaranteed = columns.find(({ name }) => name === one && extraStatesOf(one) !== null);
    const holds = guaranteed === undefined || killedIn(guaranteed, kills) === guaranteed.total;
    isGuaranteed &&= holds;
    const lines = [
      table.line(kills),
      ...(holds
        ? []
        : [output.paint.red(`  ${one} does not kill every mutant that it guarantees to kill`)]),
      ...(survivors ? alive.map(survivor) : []),
    ];
    output.tell(lines.join('\n'), killsJson(kills, columns, alive, performance.now() - from));
  }
  if (!output.json) {
    const seconds = (performance.now() - startedAt) / 1_000;
    output.tell(output.paint.dim(`${seconds.toFixed(1)} s`), null);
  }
  return isGuaranteed ? exitCodes.ok.code : exitCodes.failed.code;
}

function measured<Result>(
  { io: { stderr } }: Output,
  what: string,
  work: (at: (done: number, total?: number) => void) => Result,
): Result {
  const progress = progressOf(what, stderr);
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
