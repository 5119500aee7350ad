import { visible, visibleJson } from '../../../machines/text/format.js';
import { version } from '../../runtime/version.js';
import { type GateLines, logSchema, type Severity } from '../log-events.js';
import type { LogLine } from '../repeats.js';

/** Where lines of the log go. Nothing here blocks or throws. */
export interface LineOutput {
  /** Writes a line of JSON, or what people read instead. */
  write(line: string): void;
  /** Writes the start message: the line, or the text for people. */
  announce(line: string, text: string): void;
  /** Resolves when the backlog is written. */
  close(): Promise<void>;
}

/** A line of JSON with its line end. @param audited whether it is about an action of an operator */
export function lineOf({ severity, text, fields }: LogLine, audited = false): string {
  const line = {
    level: severity,
    time: new Date().toISOString(),
    ...fields,
    ...(audited && { audit: true }),
    msg: visible(text),
  };
  return `${visibleJson(JSON.stringify(line))}\n`;
}

/** A line about the log itself. */
export function ownLine<Of extends Severity>(
  severity: Of,
  text: string,
  fields: GateLines[Of],
): string {
  return lineOf({ severity, text, fields });
}

export function droppedLine(dropped: number): string {
  const lines = dropped === 1 ? '1 line of the log was' : `${dropped} lines of the log were`;
  const text = `${lines} dropped: the output was too slow or could not be written`;
  return ownLine('warn', text, { event: 'lines-dropped', dropped });
}

/** The first line of a file or a start: with the version of the schema and of the gate. */
export function firstLine(line: string): string {
  return `{"logSchema":${logSchema},"version":${JSON.stringify(version())},${line.slice(1)}`;
}
