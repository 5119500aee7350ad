import type { Command } from 'commander';
import { coverageParts } from '../../../machines/registration/session/coverage.js';
import {
  coverageOfFiles,
  coverageReport,
  coverageTable,
  writeCoverage,
} from '../../coverage/index.js';
import type { ChartCoverageFlags } from '../charts/coverage.js';
import { addMachineOptions } from '../charts/machine-option.js';
import { refuseWithoutMachine } from '../charts/model-options.js';
import { addPictureOptions } from '../charts/pictures.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes } from '../exit-codes.js';
import { missingLines, missingSteps } from '../missing.js';
import type { Output } from '../output.js';
import { addMinimumOptions, shortfalls } from './minimum.js';
import { progressOf } from './progress.js';

const examples = `
Examples:
  ixgate coverage session.jsonl
  ixgate coverage recordings/ --out today.json
  ixgate coverage monday.json tuesday.json
  ixgate viz today.json
  ixgate coverage --machine light.ts coverage/ --min-transitions 90
  ixgate coverage --machine light.ts today.jsonl --svg used.svg

The command recognizes recordings and coverage files by their content. In a folder it reads every such file. The page draws a coverage
file on the chart.

States are the nine configurations of the chart. Transitions are those of the documented figures, the other steps of the protocol, and
unexpected messages without a step. A pair is two consecutive steps of one session.

With --machine the files are coverage files of this machine (chartCoverage of ixgate/model), suites of it, recordings of ixgate inspector, and
lists of the events that its actors got: a JSON object a line with a type. A blank line or {"start":true} begins a new session.
--svg and --png draw the machine with the counts, and mark the states and transitions that were never used.

`;

/** `ixgate coverage`: how much of the chart recordings and tests cover. */
export function addCoverage(command: Command, context: CommandContext): void {
  const { outcome } = context;
  command
    .argument('<file...>', 'recordings, coverage files, and folders of them')
    .option('--out <file>', 'write the sum as one coverage file; overwrites an existing file')
    .option('--json', 'write JSON');
  addPictureOptions(command, 'with --machine: the chart with its coverage');
  addMinimumOptions(addMachineOptions(command))
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (paths: string[], flags: ChartCoverageFlags) => {
      if (flags.machine === undefined) refuseWithoutMachine(command, ['svg', 'png', 'scale']);
      outcome.code = await codeOf(paths, flags, context);
    });
}

async function codeOf(
  paths: readonly string[],
  flags: ChartCoverageFlags,
  context: CommandContext,
): Promise<number> {
  const { machine } = flags;
  if (machine !== undefined) {
    const { coverChart } = await import('../charts/coverage.js');
    return coverChart(machine, paths, flags, context);
  }
  return coverage(paths, flags, context.output);
}

const megabyte = 1_000_000;

async function coverage(
  paths: readonly string[],
  { out, ...minimums }: ChartCoverageFlags,
  output: Output,
): Promise<number> {
  const progress = progressOf('MB', output.io.stderr);
  const counted = await coverageOfFiles(paths, (read, total) =>
    progress.at(Math.floor(read / megabyte), Math.ceil(total / megabyte)),
  ).finally(() => progress.end());
  if (out !== undefined) await writeCoverage(out, counted.coverage);
  const written = out === undefined ? '' : `\n\nwritten to ${out}`;
  const below = shortfalls(coverageParts(counted.coverage.total), minimums);
  const failed = below.map((text) => `\n\n${output.paint.red(text)}`).join('');
  const table = coverageTable(counted.coverage, output.paint.bold);
  output.tell(`${counted.files.map(missingLines).join('')}${table}${failed}${written}`, {
    ...coverageReport(counted.coverage),
    files: counted.files.map(({ path, kind, steps }) => ({ path, kind, steps })),
    torn: counted.files.filter(({ torn }) => torn).map(({ path }) => path),
    missing: counted.files.reduce((sum, file) => sum + missingSteps(file), 0),
    below,
    ...(out !== undefined && { written: out }),
  });
  return below.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}
