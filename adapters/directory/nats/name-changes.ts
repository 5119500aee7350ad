import { setTimeout as delay } from 'node:timers/promises';
import type { DirectoryError } from '../errors.js';
import type { NameStore } from './name-store.js';
import type { OwnLease } from './nats-leases.js';
import type { NameEntry, NameState } from './nats-names.js';

/** What a change makes of a name. */
export interface NameChange {
  /** Null: it stays as it is. */
  readonly entries: readonly NameEntry[] | null;
  /** The entries that lose their place, and are sent a kick. */
  readonly kicked?: readonly NameEntry[];
}

/** A change that was made. */
export interface MadeChange<C extends NameChange> {
  readonly change: C;
  /** Null: nothing was changed. */
  readonly revision: number | null;
  /** The numbers of the kicks. */
  readonly numbers: readonly number[];
}

/** A name that changes more often during one change cannot be changed. */
const maxAttempts = 50;

/** Makes a change of a name atomic: it is decided again when the name was changed since it was read. */
export async function changeName<C extends NameChange>(
  store: NameStore,
  {
    clientName,
    own,
    busy,
  }: { clientName: string; own: OwnLease | null; busy: () => DirectoryError },
  decide: (state: NameState) => C | Promise<C>,
): Promise<MadeChange<C>> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const state = await store.read(clientName);
    const change = await decide(state);
    const { entries, kicked = [] } = change;
    if (entries === null) return { change, revision: null, numbers: [] };
    const count = () => kicked.map(({ incarnation }) => (own ? countKick(own, incarnation) : 0));
    let revision: number | null;
    try {
      revision = await store.write(state, entries);
    } catch (error) {
      // The name may have been taken. Without the kicks, the gates that held it find the numbers in the lease.
      count();
      throw error;
    }
    if (revision !== null) return { change, revision, numbers: count() };
    await delay(Math.random() * Math.min(attempt, 20));
  }
  throw busy();
}

function countKick(own: OwnLease, incarnation: string): number {
  const number = (own.taken.get(incarnation) ?? 0) + 1;
  own.taken.set(incarnation, number);
  return number;
}
