/** The messages by which gates tell each other what they count. */
import type { SourceChange } from './source-changes.js';

/** A penalty of a source. */
export interface SharedPenalty {
  readonly source: string;
  /** Milliseconds left. */
  readonly remaining: number;
  readonly isEnforced: boolean;
}

/**
 * What a gate counts for a source: its connections now, and what it has counted since its message before. Zeros at the end are left out.
 */
export type SourceRow = readonly [
  source: string,
  unregistered: number,
  registered: number,
  /** `asked`, `erred` and `penalty` of a `SourceChange`. */
  ...counted: number[],
];

/** Who sends a message. */
export interface Sender {
  /** Differs from one start of a gate to the next. */
  readonly run: string;
  /** Number of its last message with changes. */
  readonly number: number;
}

/** To all gates: the sources that have changed; none from a gate that is only still there. */
export interface ChangesMessage extends Sender {
  readonly sources?: readonly SourceRow[];
}

/** To a gate that asked: all sources with connections, in parts. */
export interface AllMessage extends Sender {
  /** From 0 up to and without `parts`. */
  readonly part: number;
  readonly parts: number;
  readonly sources: readonly SourceRow[];
}

/** Message types. */
export const limitMessages = {
  changes: 'limits',
  /** Asks a gate, or all, for everything. Its body is the sender. */
  ask: 'limits-ask',
  all: 'limits-all',
  /** The penalties of the sender; its body is a list. */
  penalties: 'limits-penalties',
  /** The sender leaves. */
  left: 'limits-left',
} as const;

/** Maximum number of sources or penalties in a message: about 100 KB. */
export const maxRows = 2_000;

/** Parts that fit into a message; at least one. */
export function partsOf<Row>(rows: readonly Row[]): (readonly Row[])[] {
  const parts = [rows.slice(0, maxRows)];
  for (let at = maxRows; at < rows.length; at += maxRows) parts.push(rows.slice(at, at + maxRows));
  return parts;
}

/** @param now the connections of the source now */
export function rowOf(
  { source, asked, erred, penalty }: SourceChange,
  now: { readonly unregistered: number; readonly registered: number },
): SourceRow {
  const row = [asked, erred, Math.round(penalty)];
  while (row.at(-1) === 0) row.pop();
  return [source, now.unregistered, now.registered, ...row];
}
