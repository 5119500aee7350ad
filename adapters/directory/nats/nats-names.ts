import { createHash } from 'node:crypto';
import type { HeldName } from '../directory.js';
import type { StoredValue } from './nats-bucket.js';

/** The value of a name. */
export interface NameValue {
  readonly h: readonly StoredHolder[];
  /** A grant of this value has an epoch above this one: all earlier epochs that the writer knew are not higher. */
  readonly f: number;
  /** The name, where the key is a hash. */
  readonly c?: string;
  /** The key had no value before: so there are no earlier revisions of it. */
  readonly o?: true;
}

interface StoredHolder {
  /** Incarnation, node, session. */
  readonly i: string;
  readonly n: string;
  readonly s: string;
  /** The epoch; 0 when this value grants the name to this holder, see `grantedAt`. */
  readonly e: number;
}

/** A holder whose lease may have ended. */
export interface NameEntry extends HeldName {
  readonly incarnation: string;
  readonly node: string;
}

/** A name as it is in the store. */
export interface NameState {
  readonly clientName: string;
  /** The lowest epoch first. */
  readonly entries: readonly NameEntry[];
  /** 0 when the key does not exist. */
  readonly revision: number;
  /** Whether the key has no earlier revision. */
  readonly isFirst: boolean;
  /** The highest epoch that the key knows. */
  readonly epoch: number;
}

/** A subject with a key is at most 4,096 bytes long. */
const longestKey = 1_000;

/**
 * The key of a name: base64url, or `=` and a hash for a name that is empty, too long, or not well-formed Unicode. A client chooses the
 * name, so every text must have a key, and no two names the same.
 */
export function keyOf(clientName: string): string {
  const bytes = Buffer.from(clientName);
  const key = bytes.toString('base64url');
  const fits = key !== '' && key.length <= longestKey && bytes.toString() === clientName;
  if (fits) return key;
  return `=${createHash('sha256').update(clientName, 'utf16le').digest('base64url')}`;
}

export function nameOf({ key, value }: StoredValue<NameValue>): string {
  return value.c ?? Buffer.from(key, 'base64url').toString();
}

/**
 * The epoch of the grant that a value is: the time when the server has stored it, in microseconds, or the floor plus one if that is
 * higher. Time goes on when a server that had lost its last writes, or all, gives the same revisions again; the floor covers a clock
 * that was set back.
 */
export function grantedAt({ value, time }: StoredValue<NameValue>): number {
  return Math.max(time, value.f + 1);
}

export function nameStateOf(clientName: string, stored: StoredValue<NameValue> | null): NameState {
  if (!stored) return { clientName, entries: [], revision: 0, isFirst: false, epoch: 0 };
  const entries = stored.value.h
    .map(({ i: incarnation, n: node, s: session, e }) => {
      const epoch = e === 0 ? grantedAt(stored) : e;
      return { clientName, incarnation, node, session, epoch };
    })
    .sort((a, b) => a.epoch - b.epoch);
  const epoch = Math.max(stored.value.f, ...entries.map((entry) => entry.epoch));
  const { revision, value } = stored;
  return { clientName, entries, revision, isFirst: value.o === true, epoch };
}

/** The value that replaces a state. @param floor the highest epoch that the writer knows */
export function nameValueOf(
  { clientName, revision }: NameState,
  entries: readonly NameEntry[],
  floor: number,
): NameValue {
  const h = entries.map(({ incarnation: i, node: n, session: s, epoch: e }) => ({ i, n, s, e }));
  const isHashed = keyOf(clientName).startsWith('=');
  return { h, f: floor, ...(isHashed && { c: clientName }), ...(revision === 0 && { o: true }) };
}
