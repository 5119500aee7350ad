import type { Command } from 'commander';
import {
  coverageOfFiles,
  coverageReport,
  coverageTable,
  writeCoverage,
} from '../../coverage/index.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes } from '../exit-codes.js';
import { missingLines, missingSteps } from '../missing.js';
import type { Output } from '../output.js';
import { progressOf } from './progress.js';

const examples = `
Examples:
  ixgate coverage session.jsonl
  ixgate coverage recordings/ --out today.json
  ixgate coverage monday.json tuesday.json
  ixgate viz today.json

The command recognizes recordings and coverage files by their content. In a folder it reads every such file. The page draws a coverage
file on the chart.

States are the nine configurations of the chart. Transitions are those of the documented figures, the other steps of the protocol, and
unexpected messages without a step. A pair is two consecutive steps of one session.

`;

/** `ixgate coverage`: how much of the chart recordings and tests cover. */
export function addCoverage(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('<file...>', 'recordings, coverage files, and folders of them')
    .option('--out <file>', 'write the sum as one coverage file; overwrites an existing file')
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (paths: string[], { out }: { out?: string }) => {
      outcome.code = await coverage(paths, out, output);
    });
}

const megabyte = 1_000_000;

async function coverage(
  paths: readonly string[],
  out: string | undefined,
  output: Output,
): Promise<number> {
  const progress = progressOf('MB', output.io.stderr);
  const counted = await coverageOfFiles(paths, (read, total) =>
    progress.at(Math.floor(read / megabyte), Math.ceil(total / megabyte)),
  ).finally(() => progress.end());
  if (out !== undefined) await writeCoverage(out, counted.coverage);
  const written = out === undefined ? '' : `\n\nwritten to ${out}`;
  const table = coverageTable(counted.coverage, output.paint.bold);
  output.tell(`${counted.files.map(missingLines).join('')}${table}${written}`, {
    ...coverageReport(counted.coverage),
    files: counted.files.map(({ path, kind, steps }) => ({ path, kind, steps })),
    torn: counted.files.filter(({ torn }) => torn).map(({ path }) => path),
    missing: counted.files.reduce((sum, file) => sum + missingSteps(file), 0),
    ...(out !== undefined && { written: out }),
  });
  return exitCodes.ok.code;
}
