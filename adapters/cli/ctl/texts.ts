/** Answers of a gate as text. What clients chose themselves is made visible: a name may contain control characters. */
import { duration, visible } from '../../../machines/text/format.js';
import { cutTo, formatRow, type TextColumn, widestOf } from '../../runtime/text-table.js';
import type { Ban, NodeStatus, Penalty, Reloaded, Session, Unreachable } from './shapes.js';
import { dash, pairs, shown } from './status-text.js';

export function sessionText(session: Session): string {
  const rows = Object.entries(session).map(([key, value]): [string, string] => [
    key,
    textOf(key, value),
  ]);
  return pairs(rows).map(visible).join('\n');
}

const times = new Set(['connectedAt', 'registeredAt']);
const durations = new Set(['age', 'deadline']);

function textOf(key: string, value: unknown): string {
  if (value === null) return dash;
  if (times.has(key)) return new Date(Number(value)).toISOString();
  return durations.has(key) ? duration(Number(value)) : String(value);
}

const headings = ['ID', 'CLIENT', 'TYPE', 'STATE', 'FROM', 'AGE', 'DEADLINE', 'ERRORS'];
const nodeHeadings = [
  'NODE',
  'STATE',
  'SESSIONS',
  'REGISTERED',
  'NAMES',
  'LEASE',
  'VERSION',
  'ADMIN',
];
const rightAligned = new Set(['AGE', 'DEADLINE', 'ERRORS', 'SESSIONS', 'REGISTERED', 'NAMES']);
/** Widest cell of a table; longer ones are cut. */
const maxCell = 40;

/** The lines of a table of sessions, with its heading. The gate of a session is shown in a cluster only. */
export function sessionLines(sessions: readonly Session[]): string[] {
  const hasNodes = sessions.some(({ node }) => (node ?? null) !== null);
  const nodeOf = (node: string) => (hasNodes ? [node] : []);
  return tableLines(
    [...headings, ...nodeOf('NODE')],
    sessions.map((session) => [...cellsOf(session), ...nodeOf(session.node ?? dash)]),
  );
}

/** The lines of a table of gates, with its heading. */
export function nodeLines(nodes: readonly NodeStatus[]): string[] {
  const number = (value: number | null) => (value === null ? dash : String(value));
  const rows = nodes.map((one) => [
    one.node,
    one.directory === 'lost' ? `${one.state}, directory lost` : one.state,
    number(one.sessions),
    number(one.registered),
    String(one.names),
    duration(one.leaseRemaining),
    one.version ?? dash,
    one.admin ?? dash,
  ]);
  return tableLines(nodeHeadings, rows);
}

/** The lines about gates that did not answer. */
export function unreachableLines({ unreachable = [] }: Unreachable): string[] {
  return unreachable.map(
    (node) => `no answer from node ${node}: what it has may be missing or old`,
  );
}

function tableLines(names: readonly string[], cells: readonly (readonly string[])[]): string[] {
  const rows = [names, ...cells];
  const columns = names.map(
    (heading, index): TextColumn => ({
      width: widestOf(rows.map((row) => row[index] ?? '')),
      align: rightAligned.has(heading) ? 'right' : 'left',
    }),
  );
  return rows.map((row) => formatRow(row, columns).trimEnd());
}

function cellsOf(session: Session): string[] {
  const { carrier, proxyClientId, remoteAddress, remotePort, scheme, deadline } = session;
  const through = carrier === null ? '' : ` via ${carrier}/${proxyClientId}`;
  return [
    session.id,
    session.clientName ?? session.askedAs ?? dash,
    session.clientType ?? dash,
    session.state,
    `${scheme} ${remoteAddress}:${remotePort}${through}`,
    duration(session.age),
    deadline === null ? dash : duration(deadline),
    String(session.errors),
  ].map((cell) => cutTo(visible(cell), maxCell));
}

export function reloadedText(done: string, { changed, needsRestart }: Reloaded): string {
  const lines = Object.entries(changed).map(
    ([key, { from, to }]) => `${key} is ${shown(to)}, was ${shown(from)}`,
  );
  if (needsRestart.length > 0) lines.push(`needs a restart: ${needsRestart.join(', ')}`);
  return visible(`${done}: ${lines.join('; ') || 'no changes'}`);
}

export function bansText(bans: readonly Ban[]): string {
  const width = widestOf(bans.map(({ source }) => source));
  return bans
    .map(({ source, remaining }) => {
      const time = remaining === null ? 'until the gate stops' : `for ${duration(remaining)}`;
      return `${source.padEnd(width)}  banned ${time}`;
    })
    .join('\n');
}

export function penaltiesText({
  count,
  penalties,
}: {
  readonly count: number;
  readonly penalties: readonly Penalty[];
}): string {
  if (count === 0) return 'no penalties';
  const width = widestOf(penalties.map(({ source }) => source));
  const lines = penalties.map(
    ({ source, remaining, isEnforced }) =>
      `${source.padEnd(width)}  ${isEnforced ? 'rejected' : 'not yet rejected'}, ${duration(remaining)} left`,
  );
  const more = count - penalties.length;
  return [...lines, ...(more > 0 ? [`and ${more} more; see --limit`] : [])].join('\n');
}
