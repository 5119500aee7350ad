/** `ixgate coverage --machine`: how much of a machine of the user was used. */
import { exploreMachine } from '../../../machines/engine/table/explore.js';
import { ExploreError } from '../../../machines/engine/table/explore-error.js';
import type { LoadedMachine } from '../../charts/index.js';
import {
  chartCoverageOfFiles,
  chartReport,
  chartTable,
  type Exploring,
  writeCoverage,
} from '../../coverage/index.js';
import type { CommandContext } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { type MinimumFlags, shortfalls } from '../testing/minimum.js';
import { progressOf } from '../testing/progress.js';
import { type MachineFlags, machineFrom } from './machine-option.js';

/** Maximum number of states of a machine that is explored for its pairs. */
const maxStates = 2_000;

export interface ChartCoverageFlags extends MachineFlags, MinimumFlags {
  readonly out?: string;
}

/** @returns the exit code. @throws {FileError} {LoadError} */
export async function coverChart(
  spec: string,
  paths: readonly string[],
  { input, out, ...minimums }: ChartCoverageFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const { machine } = await machineFrom(spec, context);
  const progress = progressOf('kB', output.io.stderr);
  const kilobytes = (bytes: number) => Math.ceil(bytes / 1_000);
  const { coverage, files } = await chartCoverageOfFiles(paths, { machine, input }, (read, total) =>
    progress.at(kilobytes(read), kilobytes(total)),
  ).finally(() => progress.end());
  if (out !== undefined) await writeCoverage(out, coverage);
  const exploring = explored(machine, input);
  const below = shortfalls(coverage.parts, minimums);
  const text = [
    chartTable(coverage, exploring, output.paint.bold),
    ...(below.length === 0 ? [] : ['', ...below.map(output.paint.red)]),
    ...(out === undefined ? [] : ['', `written to ${out}`]),
  ];
  output.tell(text.join('\n'), {
    ...chartReport(coverage, exploring),
    files,
    below,
    ...(out !== undefined && { written: out }),
  });
  return below.length === 0 ? exitCodes.ok.code : exitCodes.internal.code;
}

function explored(machine: LoadedMachine['machine'], input: unknown): Exploring {
  try {
    const table = exploreMachine(machine, { input, limit: maxStates });
    return { explored: { chart: machine, table }, problem: null };
  } catch (cause) {
    if (!(cause instanceof ExploreError)) throw cause;
    return { explored: null, problem: cause.message };
  }
}
