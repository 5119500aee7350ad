/** The options of `ixgate generate --machine`. What they need is loaded only with them. */
import { type Command, Option } from 'commander';
import { wholeNumberFrom } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { UsageError } from '../exit-codes.js';
import type { GenerateChartFlags } from './generate-suite.js';
import { addModelOptions, refuseWithMachine } from './model-options.js';

/** The formats of a chart: suites, and pictures of the chart itself. */
export const chartFormats = ['json', 'vitest', 'playwright', 'gherkin'] as const;

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

export async function generateForChart(
  command: Command,
  flags: { readonly format: string; readonly criterion: unknown },
  context: CommandContext,
): Promise<number> {
  refuseWithMachine(command, ['answers']);
  if (!chartFormats.includes(flags.format as never)) {
    throw new UsageError(
      `--format ${flags.format} is not a format for --machine; allowed: ${chartFormats.join(', ')}`,
    );
  }
  const { chartCriterion, generateChartSuite } = await import('./generate-suite.js');
  const isDefault = command.getOptionValueSource('criterion') !== 'cli';
  return generateChartSuite(
    { ...flags, ...(isDefault && { criterion: chartCriterion }) } as GenerateChartFlags,
    context,
  );
}
