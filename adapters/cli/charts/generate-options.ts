/** The options of `ixgate generate --machine`. What they need is loaded only with them. */
import { type Command, Option } from 'commander';
import { wholeNumberFrom } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { UsageError } from '../exit-codes.js';
import { givenOption } from '../given-options.js';
import type { GenerateChartFlags } from './generate-suite.js';
import { machineFrom } from './machine-option.js';
import { addModelOptions, refuseWithMachine } from './model-options.js';
import { diagrams, isDiagramFormat, writeDiagram } from './write-diagram.js';

const suites = ['json', 'vitest', 'playwright', 'gherkin'];

/** The formats of a chart: suites, and diagrams of the chart itself. */
export const chartFormats: readonly string[] = [...suites, ...Object.keys(diagrams)];

export function addChartSuiteOptions(command: Command): Command {
  return addModelOptions(command)
    .option(
      '--system <file>',
      'with --machine: module whose default export is the system under test (default an actor of the machine)',
    )
    .addOption(
      new Option(
        '--max-cases <number>',
        'with --machine: refuse a suite that may have more cases (default 100000)',
      ).argParser(wholeNumberFrom('--max-cases', 1, 100_000_000)),
    )
    .addOption(
      new Option(
        '--max-length <number>',
        'with --machine: split cases with more inputs (default 20; not of the W-method)',
      ).argParser(wholeNumberFrom('--max-length', 1, 1_000_000)),
    );
}

/** Options that have no effect on a diagram. */
const ofSuites = [
  'criterion',
  'seed',
  'outputs',
  'events',
  'enabledOnly',
  'system',
  'maxCases',
  'maxLength',
];

/** @throws {UsageError} */
function refuseForDiagram(command: Command, format: string): void {
  const flag = givenOption(command, ofSuites);
  if (flag === undefined) return;
  throw new UsageError(`${flag} belongs to suites; leave it out with --format ${format}`);
}

export async function generateForChart(
  command: Command,
  flags: { readonly format: string; readonly out: string; readonly machine?: string },
  context: CommandContext,
): Promise<number> {
  refuseWithMachine(command, ['answers']);
  const { format, out, machine = '' } = flags;
  if (!chartFormats.includes(format)) {
    throw new UsageError(
      `--format ${format} is not a format for --machine; allowed: ${chartFormats.join(', ')}`,
    );
  }
  if (isDiagramFormat(format)) {
    refuseForDiagram(command, format);
    const loaded = await machineFrom(machine, context);
    return writeDiagram({ ...loaded, format, out, output: context.output });
  }
  const { chartCriterion, generateChartSuite } = await import('./generate-suite.js');
  const isDefault = command.getOptionValueSource('criterion') !== 'cli';
  return generateChartSuite(
    { ...flags, ...(isDefault && { criterion: chartCriterion }) } as GenerateChartFlags,
    context,
  );
}
