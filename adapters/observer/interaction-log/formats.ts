import type { LogFormat, LogSource } from '../log-reader.js';
import { type Aliases, knownAliases } from './aliases.js';
import { AttributeNames } from './attributes.js';
import { BlockReader } from './block-reader.js';
import {
  type Dialect,
  exchange,
  interactionServerDialect,
  outboundContactServerDialect,
} from './dialect.js';
import { type FileHeader, firstDayOf, HeaderReader } from './file-header.js';
import { recordOf } from './record.js';
import { StampReader } from './time-stamp.js';

/** Number of leading lines that are examined. */
const headLines = 400;

/** Interaction Server's own log. */
export function interactionServerFormat(aliases: Aliases = knownAliases): LogFormat {
  return {
    ...blockFormat(interactionServerDialect(aliases), aliases),
    id: 'interaction-server',
    title: 'Interaction Server log',
    hasConnections: false,
    recognises: (head) => {
      if (isOutbound(head)) return false;
      const { header, records } = beginningOf(head);
      if (header.applicationType?.includes('InteractionServer')) return true;
      return records.some(({ id }) => id !== null);
    },
  };
}

/** The log of Outbound Contact Server about its connections to Interaction Server. */
export function outboundContactServerFormat(aliases: Aliases = knownAliases): LogFormat {
  return {
    ...blockFormat(outboundContactServerDialect, aliases),
    id: 'outbound-contact-server',
    title: 'Outbound Contact Server log',
    hasConnections: true,
    recognises: isOutbound,
  };
}

function isOutbound(head: readonly string[]): boolean {
  return beginningOf(head).records.some(({ text }) => exchange.test(text));
}

function blockFormat(
  dialect: Dialect,
  aliases: Aliases,
): Pick<LogFormat, 'startOf' | 'serverOf' | 'open'> {
  const names = new AttributeNames(aliases.attributes);
  /** The number of the last file of each server. */
  const numbers = new Map<string, number>();
  const opened = (header: FileHeader) => {
    const { number } = header;
    const server = serverIn(header);
    if (number === null || server === null) return false;
    const before = numbers.get(server);
    numbers.set(server, number);
    return before !== undefined && number !== 1 && number > before + 1;
  };
  return {
    startOf: (head, source) => startOf(head, source),
    serverOf: (head) => serverIn(beginningOf(head).header),
    open: (source, sink) => new BlockReader({ dialect, aliases, names, opened }, source, sink),
  };
}

function serverIn({ application, host }: FileHeader): string | null {
  return application === null ? null : host === null ? application : `${application}@${host}`;
}

function startOf(head: readonly string[], { name }: LogSource): number | null {
  const { header, stamp } = beginningOf(head);
  if (stamp === null) return null;
  return (stamp.day ?? firstDayOf(header, stamp.time, name).day) + stamp.time;
}

/** The beginning of a file: its header and the time of its first record. */
function beginningOf(head: readonly string[]) {
  const header = new HeaderReader();
  const stamps = new StampReader();
  const read = head.slice(0, headLines).flatMap((line) => {
    const stamp = stamps.read(line);
    if (stamp !== null && stamp !== 'impossible') return [{ line, stamp }];
    return [];
  });
  const first = read[0] ? head.indexOf(read[0].line) : head.length;
  for (const line of head.slice(0, first)) header.take(line);
  const records = read.map(({ line, stamp }) => recordOf(line, stamp.end));
  return { header: header.header, records, stamp: read[0]?.stamp ?? null };
}
