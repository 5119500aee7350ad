/** Where a row is, what names it and how high it is before it is measured. */

import type { LadderRow } from './ladder-row.js';
import type { Pair } from './pairing.js';

/** Where a row stands in the line that joins a request to its answer. */
export type Joint = 'begins' | 'runs' | 'ends' | null;

export function indexOf(rows: readonly LadderRow[], seq: number | null): number {
  if (seq === null) return -1;
  return rows.findLastIndex((row) => row.type === 'step' && row.step.seq <= seq);
}

export function keyOf(row: LadderRow | undefined, index: number): string | number {
  if (!row) return index;
  return row.type === 'gap' ? `gap ${row.from}` : row.step.seq;
}

/** A row's height before it is measured; right for all but long words, so that hardly a row moves when it is. */
export function estimate(row: LadderRow | undefined): number {
  if (!row || row.type === 'gap') return 36;
  const below = row.reason || row.detail || row.flag ? 15 : 0;
  return 34 + below + 31 * (row.before.length + row.after.length);
}

export function jointOf(seq: number, lit: Pair | null): Joint {
  if (!lit || seq < lit.request || seq > lit.answer) return null;
  return seq === lit.request ? 'begins' : seq === lit.answer ? 'ends' : 'runs';
}
