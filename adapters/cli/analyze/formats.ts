import { logFormats } from '../../observer/formats.js';
import type { LogFormat } from '../../observer/index.js';
import { readAliases } from '../../observer/interaction-log/index.js';
import { readMapping } from '../../observer/json-logs/index.js';
import { UsageError } from '../exit-codes.js';

/** The options of log formats, as commander parses them. */
export interface FormatFlags {
  readonly aliases?: string | undefined;
  readonly mapping?: string | undefined;
  readonly format?: string | undefined;
}

/** The log formats to try. @throws {FileError} and {UsageError} */
export async function formatsFrom(flags: FormatFlags): Promise<readonly LogFormat[]> {
  const { format } = flags;
  const aliases = flags.aliases === undefined ? undefined : await readAliases(flags.aliases);
  const mapping = flags.mapping === undefined ? undefined : await readMapping(flags.mapping);
  const formats = logFormats({ aliases, mapping });
  return format === undefined ? formats : [formatOf(format, formats)];
}

/** A format that reads any file. @throws {UsageError} for an unknown id. */
function formatOf(id: string, formats: readonly LogFormat[]): LogFormat {
  const found = formats.find((format) => format.id === id);
  if (found) return { ...found, recognises: () => true };
  const allowed = formats.map((format) => `${format.id} (${format.title})`).join(', ');
  throw new UsageError(`--format is ${JSON.stringify(id)}; allowed: ${allowed}`);
}
