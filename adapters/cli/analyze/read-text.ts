/** The summary of the reading for the end of an output. */
import { visible } from '../../../machines/text/format.js';
import type { Damage, LogsRead } from '../../observer/index.js';

/** Counts of sessions and findings. */
export interface Found {
  /** All sessions of the logs. */
  readonly sessions: number;
  /** Sessions that match. */
  readonly matched: number;
  readonly findings: number;
}

/** Maximum number of skipped files that are named. */
const mostNamed = 10;

export function footerLines({ sessions, matched, findings }: Found, read: LogsRead): string[] {
  const { files, counts, passedOver } = read;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const parts = [
    matched === sessions ? many(sessions, 'session') : `${matched} of ${many(sessions, 'session')}`,
    many(findings, 'finding'),
    many(counts.damaged, 'damaged line'),
    `${many(files.length, 'file')} (${bytesText(bytes)}, ${many(counts.read, 'line')})`,
  ];
  const named = passedOver
    .slice(0, mostNamed)
    .map(({ file, reason }) => visible(`skipped ${file}: ${reason}`));
  const more = passedOver.length - named.length;
  return [parts.join(', '), ...named, ...(more > 0 ? [`skipped ${more} more files`] : [])];
}

/** One line for each damaged place. */
export function damageLines({ damages, damaged }: LogsRead): string[] {
  const more = damaged - damages.length;
  return [...damages.map(damageLine), ...(more > 0 ? [`${more} more places are damaged`] : [])];
}

function damageLine({ file, line, lines, reason }: Damage): string {
  const length = lines === 1 ? '' : ` (${lines} lines)`;
  return visible(`${file}:${line}  damaged  ${reason}${length}`);
}

/** The same as JSON. */
export function endObject({ sessions, matched, findings }: Found, read: LogsRead) {
  const { files, passedOver, counts, damages, damaged } = read;
  return { sessions, matched, findings, counts, damaged, damages, files, passedOver };
}

export function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function bytesText(bytes: number): string {
  if (bytes < 1_000) return many(bytes, 'byte');
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}
