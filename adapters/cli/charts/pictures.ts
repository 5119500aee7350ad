/** The options `--svg`, `--png` and `--scale`: a chart as picture files. */
import { type Command, Option } from 'commander';
import type { AnyStateMachine } from 'xstate';
import { type PictureCoverage, pngOf, svgChart } from '../../charts/index.js';
import { UsageError } from '../exit-codes.js';
import { writeResult } from '../testing/write-result.js';

export interface PictureFlags {
  readonly svg?: string;
  readonly png?: string;
  readonly scale: number;
}

/** @param what the chart, e.g. `the chart of --machine` */
export function addPictureOptions(command: Command, what: string): Command {
  return command
    .option('--svg <file>', `write ${what} as a picture`)
    .option('--png <file>', 'the same as PNG, with the package @resvg/resvg-js')
    .addOption(
      new Option('--scale <number>', 'pixels of the PNG per pixel of the drawing, 0.1 to 10')
        .default(2)
        .argParser(scaleFrom),
    );
}

export interface Picture {
  readonly machine: AnyStateMachine;
  /** The title. */
  readonly name: string;
  readonly coverage?: PictureCoverage;
}

/**
 * Writes the pictures that the options name. Existing files are overwritten.
 * @returns the paths @throws {UsageError} {PngError}
 */
export async function writePictures(
  { machine, name, coverage }: Picture,
  { svg, png, scale }: PictureFlags,
): Promise<string[]> {
  const files = [svg, png].filter((path) => path !== undefined);
  if (files.length === 0) return [];
  const drawn = await svgChart(machine, name, coverage);
  // Made before a file is written: the package may be missing.
  const pixels = png === undefined ? null : await pngOf(drawn, { scale });
  if (svg !== undefined) await writeResult(svg, drawn);
  if (png !== undefined && pixels !== null) await writeResult(png, pixels);
  return files;
}

function scaleFrom(text: string): number {
  const scale = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (scale >= 0.1 && scale <= 10) return scale;
  throw new UsageError(`--scale is ${JSON.stringify(text)}; allowed: a number from 0.1 to 10`);
}
