import type { LogFormat } from '../../observer/index.js';
import { UsageError } from '../exit-codes.js';

/** Which formats there are, as commander gives it. */
export interface FormatFlags {
  readonly aliases?: string | undefined;
  readonly mapping?: string | undefined;
  readonly format?: string | undefined;
}

/** The formats that a log may have. @throws {FileError} and {UsageError} */
export async function formatsFrom({ format }: FormatFlags): Promise<readonly LogFormat[]> {
  const formats: readonly LogFormat[] = [];
  return format === undefined ? formats : [formatOf(format, formats)];
}

/** @throws {UsageError} */
export function formatOf(id: string, formats: readonly LogFormat[]): LogFormat {
  const found = formats.find((format) => format.id === id);
  if (found) return found;
  const allowed = formats.map((format) => `${format.id} (${format.title})`).join(', ');
  throw new UsageError(`--format is ${JSON.stringify(id)}; allowed: ${allowed}`);
}
