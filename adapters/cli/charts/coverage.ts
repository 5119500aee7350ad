/** `ixgate coverage --machine`: how much of a machine of the user was used. */
import type { LoadedMachine } from '../../charts/index.js';
import {
  chartCoverageOfFiles,
  chartReport,
  chartTable,
  drawnCoverage,
  type Exploring,
  writeCoverage,
} from '../../coverage/index.js';
import type { CommandContext } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { type MinimumFlags, shortfalls } from '../testing/minimum.js';
import { progressOf } from '../testing/progress.js';
import { type MachineFlags, machineFrom } from './machine-option.js';
import { ChartError, modelOfLoaded, optionsExport } from './model-options.js';
import { type PictureFlags, writePictures } from './pictures.js';

export interface ChartCoverageFlags extends MachineFlags, MinimumFlags, PictureFlags {
  readonly out?: string;
}

/** @returns the exit code. @throws {FileError} {LoadError} */
export async function coverChart(
  spec: string,
  paths: readonly string[],
  flags: ChartCoverageFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const { out } = flags;
  const loaded = await machineFrom(spec, context);
  const { machine } = loaded;
  const { input: usual } = Object(loaded.exports[optionsExport]) as { input?: unknown };
  const input = flags.input ?? usual;
  const progress = progressOf('kB', output.io.stderr);
  const kilobytes = (bytes: number) => Math.ceil(bytes / 1_000);
  const { coverage, files } = await chartCoverageOfFiles(paths, { machine, input }, (read, total) =>
    progress.at(kilobytes(read), kilobytes(total)),
  ).finally(() => progress.end());
  if (out !== undefined) await writeCoverage(out, coverage);
  const picture = {
    machine,
    name: `Coverage of ${loaded.name}`,
    coverage: drawnCoverage(coverage),
  };
  const pictures = await writePictures(picture, flags);
  const exploring = await explored(loaded, flags);
  const below = shortfalls(coverage.parts, flags);
  const text = [
    chartTable(coverage, exploring, output.paint.bold),
    ...(below.length === 0 ? [] : ['', ...below.map(output.paint.red)]),
    ...(out === undefined ? [] : ['', `written to ${out}`]),
    ...(pictures.length === 0 ? [] : ['', `drawn in ${pictures.join(' and ')}`]),
  ];
  output.tell(text.join('\n'), {
    ...chartReport(coverage, exploring),
    files,
    below,
    ...(out !== undefined && { written: out }),
    ...(pictures.length > 0 && { pictures }),
  });
  return below.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}

async function explored(loaded: LoadedMachine, { input }: MachineFlags): Promise<Exploring> {
  try {
    const { model } = await modelOfLoaded(loaded, { input });
    return { explored: model, problem: null };
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause;
    return { explored: null, problem: cause.message };
  }
}
