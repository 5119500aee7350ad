import type { Recognised } from './recognise.js';

/** The files of one server, in order of time. */
export interface OrderedLog {
  readonly server: string;
  readonly files: readonly [Recognised, ...Recognised[]];
}

interface Dated {
  readonly file: Recognised;
  readonly start: number | null;
}

/** Groups files by server, each group in order of time; the groups in the order of their first files. */
export function inOrder(found: readonly Recognised[]): OrderedLog[] {
  const byServer = new Map<string, { server: string; files: Dated[] }>();
  for (const file of found) {
    const server = serverOf(file);
    const key = `${file.format.id} ${server}`;
    const group = byServer.get(key) ?? { server, files: [] };
    byServer.set(key, group);
    group.files.push({ file, start: file.format.startOf(file.head, sourceOf(file)) });
  }
  return [...byServer.values()].flatMap(({ server, files }) => {
    const [first, ...others] = files.sort(compare).map(({ file }) => file);
    return first ? [{ server, files: [first, ...others] as const }] : [];
  });
}

/** The server that wrote a file, from its header; else the common part of the names of the file and its siblings. */
export function serverOf(file: Recognised): string {
  const source = sourceOf(file);
  return file.format.serverOf(file.head, source) ?? stemOf(source.name ?? source.file);
}

export function sourceOf({ input: { file, name } }: Recognised) {
  return { file, name };
}

/** `ixn_lab.20260302_080000_000.log.gz`, `ixn_lab.2026-03-02T08-00-00.000Z.log` and `ixn_lab.log.1` are all of `ixn_lab`. */
function stemOf(name: string): string {
  const stem = name.replace(/(\.(log|txt|jsonl?|ndjson|gz|zip|\d{1,4}))+$/i, '');
  return stem.replace(/[._-]?\d[\d._TZ-]{5,}$/, '') || name;
}

/** Files without a time come last, by name: `a.2` before `a.10`. */
function compare(one: Dated, other: Dated): number {
  const byTime =
    (one.start ?? Number.POSITIVE_INFINITY) - (other.start ?? Number.POSITIVE_INFINITY);
  if (byTime !== 0 && !Number.isNaN(byTime)) return byTime;
  return one.file.input.file.localeCompare(other.file.input.file, 'en', { numeric: true });
}
