/** Writes a machine as a diagram, for `ixgate generate` and `ixgate viz`. */
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { diagramFormats } from '../../../machines/engine/diagrams/index.js';
import { svgChart } from '../../charts/index.js';
import { exitCodes } from '../exit-codes.js';
import type { Output } from '../output.js';
import { makeFolder, writeResult } from '../testing/write-result.js';

/** The formats of diagrams, with what they are. */
export const diagrams = {
  mermaid: 'Mermaid state diagram, which GitHub draws in Markdown',
  plantuml: 'PlantUML state diagram',
  scxml: 'W3C SCXML',
  svg: 'picture, as ixgate viz draws it',
} as const;
export type DiagramFormat = keyof typeof diagrams;

export function isDiagramFormat(format: string): format is DiagramFormat {
  return Object.hasOwn(diagrams, format);
}

export interface DiagramOrder {
  readonly machine: AnyStateMachine;
  /** Name of the file, without its ending, and title of a picture. */
  readonly name: string;
  readonly format: DiagramFormat;
  /** Folder; created when missing. */
  readonly out: string;
  readonly output: Output;
}

/**
 * Writes a diagram into a folder. An existing file is overwritten.
 * @returns the exit code @throws {UsageError} when the file cannot be written
 */
export async function writeDiagram(order: DiagramOrder): Promise<number> {
  const { name, format, out, output } = order;
  const ending = format === 'svg' ? 'svg' : diagramFormats[format].ending;
  const path = join(out, `${name}.${ending}`);
  const text = await diagramText(order);
  await makeFolder(out);
  await writeResult(path, text);
  output.tell(`${format} of ${name}, written to ${path}`, { format, name, files: [path] });
  return exitCodes.ok.code;
}

async function diagramText({ machine, name, format }: DiagramOrder): Promise<string> {
  return format === 'svg' ? svgChart(machine, name) : diagramFormats[format].draw(machine);
}
