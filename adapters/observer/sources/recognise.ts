import type { LogFormat } from '../log-reader.js';
import { BrokenOffError } from './chunks.js';
import { LineSplitter } from './line-splitter.js';
import type { LogInput } from './log-input.js';

/** Number of leading bytes that show the format of a file. */
const headLength = 65_536;

/** A file with its format. */
export interface Recognised {
  readonly input: LogInput;
  readonly format: LogFormat;
  /** The first lines; the last one may be incomplete. */
  readonly head: readonly string[];
}

/**
 * Recognises the format of an input by its first lines.
 * @returns the format, or the reason why there is none, to append to its name.
 */
export async function recognise(
  input: LogInput,
  formats: readonly LogFormat[],
): Promise<Recognised | string> {
  const head: string[] = [];
  const splitter = new LineSplitter({ take: (line) => head.push(line), skip: () => {} });
  let length = 0;
  let isBinary = false;
  try {
    for await (const chunk of input.chunks(() => {})) {
      splitter.push(chunk);
      length += chunk.length;
      isBinary ||= chunk.includes(0);
      const format = formats.find((one) => one.recognises(head));
      // A pipe may stay silent for long: a recognised format is enough.
      if (format && (input.bytes === null || length >= headLength)) return { input, format, head };
      if (length >= headLength) break;
    }
  } catch (cause) {
    // The readable part is enough to recognise the format.
    if (!(cause instanceof BrokenOffError)) throw cause;
  }
  splitter.end();
  const format = formats.find((one) => one.recognises(head));
  if (format) return { input, format, head };
  if (length === 0) return 'is empty: there is nothing to read in it';
  if (isBinary) return 'is binary, not a log';
  return `is not a log in a known format (${formats.map(({ title }) => title).join(', ')})`;
}
