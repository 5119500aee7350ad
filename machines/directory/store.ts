/** What the store does with a request: each is atomic. */
import { newIncarnation } from './encoding.js';
import type { DirectoryProperty } from './properties.js';
import type { DirectorySettings } from './rules.js';
import {
  type DirectoryState,
  type Entry,
  type Grant,
  isLive,
  type Lease,
  leaseOf,
  liveEntry,
  type Operation,
  outcome,
  request,
} from './state.js';

/** Executes a request: changes the state, and the operation becomes its answer. @returns the properties that this violates */
export function execute(
  state: DirectoryState,
  gate: number,
  operation: Operation,
  settings: DirectorySettings,
): DirectoryProperty[] {
  const violated = operations[operation.kind]?.(state, gate, operation, settings) ?? [];
  if (operation.outcome === outcome.none) operation.outcome = outcome.done;
  const lease = leaseOf(state.store, gate, operation.incarnation);
  operation.operations = lease?.operations ?? 0;
  operation.kicks = lease?.kicks ?? 0;
  return violated;
}

type Execute = (
  state: DirectoryState,
  gate: number,
  operation: Operation,
  settings: DirectorySettings,
) => DirectoryProperty[];

const operations: Readonly<Record<number, Execute>> = {
  [request.join]: join,
  [request.renew]: renew,
  [request.claim]: claim,
  [request.release]: release,
  [request.held]: held,
  [request.reassert]: reassert,
};

function join(
  state: DirectoryState,
  gate: number,
  operation: Operation,
  { lease }: DirectorySettings,
) {
  const { leases, entry } = state.store;
  const incarnation = newIncarnation(state, gate);
  // Of those that have ended, only the last one and the holder matter: the others are swept without a step.
  const known = (leases[gate] ?? []).filter(
    (one, index, all) => one.left > 0 || index === all.length - 1 || isHolder(entry, gate, one),
  );
  leases[gate] = [...known, { incarnation, left: lease, operations: 0, kicks: 0 }];
  operation.incarnation = incarnation;
  return [];
}

/** Renews, and sweeps the incarnations whose lease has ended. */
function renew(
  state: DirectoryState,
  gate: number,
  operation: Operation,
  settings: DirectorySettings,
) {
  const { store } = state;
  const { rules } = settings;
  const lease = leaseOf(store, gate, operation.incarnation);
  if (!lease || lease.left === 0) {
    operation.outcome = outcome.lapsed;
    return [];
  }
  lease.left = settings.lease;
  store.leases.forEach((leases, at) => {
    for (const other of [...leases]) {
      if (other === lease || (other.left > 0 && !rules.sweepsLive)) continue;
      if (isHolder(store.entry, at, other) || rules.sweepFreesAny) store.entry = null;
      leases.splice(leases.indexOf(other), 1);
    }
  });
  return [];
}

/** Counts an operation. @returns whether the incarnation may change names */
function mayChange({ store }: DirectoryState, gate: number, operation: Operation): boolean {
  const lease = leaseOf(store, gate, operation.incarnation);
  if (!lease || lease.left === 0) {
    operation.outcome = outcome.lapsed;
    return false;
  }
  lease.operations += 1;
  return true;
}

function claim(
  state: DirectoryState,
  gate: number,
  operation: Operation,
  settings: DirectorySettings,
) {
  if (!mayChange(state, gate, operation)) return [];
  const { store } = state;
  const holder = liveEntry(store);
  if (holder && settings.policy === 'reject') {
    operation.outcome = outcome.held;
    return [];
  }
  const { epochFromCounter, takeoverKeepsEpoch } = settings.rules;
  // The time of the store has passed since the last grant, also after lost writes.
  const next = epochFromCounter ? store.last + 1 : state.highest + 1;
  const epoch = holder && takeoverKeepsEpoch ? holder.epoch : next;
  const violated: DirectoryProperty[] = epoch > state.highest ? [] : ['rising'];
  state.highest = Math.max(state.highest, epoch);
  store.last = epochFromCounter ? epoch : 0;
  operation.epoch = epoch;
  operation.replaced = holder;
  if (holder && !isOf(holder, gate, operation)) kick(state, holder);
  const session = operation.names[0]?.session ?? 0;
  store.entry = { session, epoch, gate, incarnation: operation.incarnation };
  return violated;
}

function release(
  state: DirectoryState,
  gate: number,
  operation: Operation,
  { rules }: DirectorySettings,
) {
  const { store } = state;
  const { entry } = store;
  if (rules.releaseFreesAny) {
    store.entry = null;
    return [];
  }
  const [name] = operation.names;
  if (!name || !mayChange(state, gate, operation)) return [];
  if (entry && isOf(entry, gate, operation) && isSame(entry, name)) store.entry = null;
  return [];
}

function held({ store }: DirectoryState, gate: number, operation: Operation) {
  const { entry } = store;
  const isHolder = entry && isOf(entry, gate, operation) && isLive(store, gate, entry.incarnation);
  operation.found = isHolder ? [{ session: entry.session, epoch: entry.epoch }] : [];
  return [];
}

function reassert(
  state: DirectoryState,
  gate: number,
  operation: Operation,
  settings: DirectorySettings,
) {
  if (!mayChange(state, gate, operation)) return [];
  const { reassertKeepsHolder, reassertOverwrites } = settings.rules;
  const { store } = state;
  const violated: DirectoryProperty[] = [];
  for (const name of operation.names) {
    const holder = liveEntry(store);
    if (holder && isOf(holder, gate, operation) && isSame(holder, name)) continue;
    if (holder) {
      const isHigher = holder.epoch > name.epoch;
      const stays = reassertKeepsHolder || (isHigher && !reassertOverwrites);
      if (stays !== isHigher && !isSame(holder, name)) violated.push('newest-stays');
      if (stays) {
        operation.lost = [...operation.lost, name.session];
        continue;
      }
      kick(state, holder);
    }
    store.entry = { ...name, gate, incarnation: operation.incarnation };
  }
  return violated;
}

function kick(state: DirectoryState, holder: Entry): void {
  const lease = leaseOf(state.store, holder.gate, holder.incarnation);
  if (!lease) return;
  lease.kicks += 1;
  // A gate that was killed hears nothing.
  if (state.gates[holder.gate]?.mode !== 2) state.kicks.push({ ...holder, number: lease.kicks });
}

const isHolder = (entry: Entry | null, gate: number, { incarnation }: Lease) =>
  entry?.gate === gate && entry.incarnation === incarnation;

const isOf = (entry: Entry, gate: number, { incarnation }: Operation) =>
  entry.gate === gate && entry.incarnation === incarnation;

export const isSame = (one: Grant, other: Grant) =>
  one.session === other.session && one.epoch === other.epoch;
