import type { LogFormat } from '../log-reader.js';
import { BrokenOffError } from './chunks.js';
import { LineSplitter } from './line-splitter.js';
import type { LogInput } from './log-input.js';

/** Bytes at the beginning of a file that say what it is. */
const headLength = 65_536;

/** What a file is. */
export interface Recognised {
  readonly input: LogInput;
  readonly format: LogFormat;
  /** Its first lines, the last perhaps cut. */
  readonly head: readonly string[];
}

/**
 * Finds out what an input is by its first lines.
 * @returns what it is, or why it is none that is known, to follow its name.
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
      // A pipe may have no more for long: what is known is known.
      if (format && (input.bytes === null || length >= headLength)) return { input, format, head };
      if (length >= headLength) break;
    }
  } catch (cause) {
    // What can be read of it says what it is.
    if (!(cause instanceof BrokenOffError)) throw cause;
  }
  splitter.end();
  const format = formats.find((one) => one.recognises(head));
  if (format) return { input, format, head };
  if (length === 0) return 'is empty: there is nothing to read in it';
  if (isBinary) return 'is binary: it is no log';
  return `is no log that is known here (${formats.map(({ title }) => title).join(', ')})`;
}
