import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { unreadable } from '../files/file-error.js';

export interface ObjectLine {
  /** Without blanks around it. */
  readonly text: string;
  /** Null unless the line is a JSON object. */
  readonly value: Readonly<Record<string, unknown>> | null;
  /** From 1. */
  readonly line: number;
}

/** The lines of a file, one at a time. @throws {FileError} when it cannot be read */
export async function* objectLines(path: string): AsyncGenerator<ObjectLine> {
  const file = createReadStream(path);
  let line = 0;
  try {
    for await (const raw of createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      const text = raw.replace(/^\uFEFF/, '').trim();
      yield { text, value: objectIn(text), line };
    }
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    file.destroy();
  }
}

/** A JSON object; null for any other text. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
