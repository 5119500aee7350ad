import {
  type Aliases,
  interactionServerFormat,
  outboundContactServerFormat,
} from './interaction-log/index.js';
import {
  ixgateLogFormat,
  type JsonMapping,
  jsonFormat,
  recordingFormat,
} from './json-logs/index.js';
import type { LogFormat } from './log-reader.js';

export interface LogFormatsOptions {
  /** A site's own names of attributes, messages and texts in Genesys logs. @default the known names */
  readonly aliases?: Aliases | undefined;
  /** The fields of JSON lines that ixgate did not write. @default such files are not read */
  readonly mapping?: JsonMapping | undefined;
}

/** The formats of a log in the order in which they are tried: the most specific first. */
export function logFormats({ aliases, mapping }: LogFormatsOptions = {}): readonly LogFormat[] {
  return [
    recordingFormat,
    ixgateLogFormat,
    ...(mapping ? [jsonFormat(mapping)] : []),
    interactionServerFormat(aliases),
    outboundContactServerFormat(aliases),
  ];
}
