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
  /** What a site calls attributes, messages and texts in Genesys's logs. @default those that are known */
  readonly aliases?: Aliases | undefined;
  /** Where things stand in JSON lines that are none of ixgate's. @default such files are no log */
  readonly mapping?: JsonMapping | undefined;
}

/** The formats of a log, in the order in which a file is tried: what says surely what it is comes first. */
export function logFormats({ aliases, mapping }: LogFormatsOptions = {}): readonly LogFormat[] {
  return [
    recordingFormat,
    ixgateLogFormat,
    ...(mapping ? [jsonFormat(mapping)] : []),
    interactionServerFormat(aliases),
    outboundContactServerFormat(aliases),
  ];
}
