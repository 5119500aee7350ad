/** The state of the directory's model: a store with one name, the gates, and what is on its way between them. */

/** A session that was granted the name. */
export interface Grant {
  /** 1 for the first claim, 2 for the second ... */
  readonly session: number;
  readonly epoch: number;
}

/** A grant in the store, and who holds it. */
export interface Entry extends Grant {
  readonly gate: number;
  readonly incarnation: number;
}

export interface Lease {
  incarnation: number;
  /** Ticks until it ends. */
  left: number;
  /** Operations that the store has executed for the incarnation, relative to those that its gate knows of. */
  operations: number;
  /** Kicks that the store has sent to the incarnation, relative to those that its gate has heard. */
  kicks: number;
}

export interface StoreState {
  entry: Entry | null;
  /** By gate. */
  leases: Lease[][];
  /** The last epoch that was issued; lost with the writes. */
  last: number;
}

export const request = {
  join: 0,
  renew: 1,
  claim: 2,
  release: 3,
  held: 4,
  reassert: 5,
} as const;

export const outcome = { none: 0, done: 1, held: 2, lapsed: 3 } as const;

/** A request of a gate on its way to the store, or its answer on the way back. */
export interface Operation {
  kind: number;
  incarnation: number;
  /** Whether the gate's worker waits for it: it renews, joins and audits, one request at a time. */
  isWork: number;
  outcome: number;
  /** The names of `release` and `reassert`, the session of `claim`, for `held` those of the gate when it asked. */
  names: readonly Grant[];
  /** What `held` has found. */
  found: readonly Grant[];
  /** Names to give back after this request. */
  rest: readonly Grant[];
  /** The epoch of a granted claim. */
  epoch: number;
  /** The holder whose place a claim took. */
  replaced: Entry | null;
  /** The sessions that `reassert` did not write. */
  lost: readonly number[];
  /** The counts of the lease after the request. */
  operations: number;
  kicks: number;
}

export interface KickMessage extends Entry {
  /** Its number among the kicks of the incarnation. */
  number: number;
}

/** A request of a connection that was lost; it may still reach the store. */
export interface LateRequest {
  readonly gate: number;
  readonly operation: Operation;
}

/** `stalled`: it runs, and nothing passes between it and the store. */
export const mode = { up: 0, paused: 1, down: 2, stalled: 3 } as const;

export interface GateState {
  mode: number;
  /** 0 while it has not joined. */
  incarnation: number;
  /** The incarnation that is joined, but has not written its names yet. */
  joining: number;
  /** Ticks until it stops to rely on its lease. */
  deadline: number;
  /** Ticks since the renewal that waits for its answer was sent. */
  age: number;
  needsAudit: number;
  /** Whether its counts of operations and kicks are those of the store; after a lost connection it takes those of the next answer. */
  isCounting: number;
  operations: number;
  kicks: number;
  sessions: readonly Grant[];
  /** The session whose claim waits for its answer; 0 without one. */
  claiming: number;
  /** The epoch of a kick that came before the answer to that claim. */
  kicked: number;
  /** In the order of sending: answers, then requests. */
  wire: Operation[];
}

export interface DirectoryState {
  store: StoreState;
  /** The copy that does not follow the store any more; a failover makes it the store. */
  copy: StoreState | null;
  /** The highest epoch that was ever issued. */
  highest: number;
  claims: number;
  faults: number;
  gates: GateState[];
  kicks: KickMessage[];
  late: LateRequest[];
}

export function newGate(): GateState {
  return {
    ...{ mode: mode.up, incarnation: 0, joining: 0, deadline: 0, age: 0, needsAudit: 0 },
    ...{ isCounting: 0, operations: 0, kicks: 0, sessions: [], claiming: 0, kicked: 0, wire: [] },
  };
}

export function emptyStore(gates: number): StoreState {
  return { entry: null, leases: Array.from({ length: gates }, () => []), last: 0 };
}

export function copyOfStore({ entry, leases, last }: StoreState): StoreState {
  return { entry, leases: leases.map((some) => some.map((lease) => ({ ...lease }))), last };
}

/** A copy that can be changed without changing the original. */
export function copyOf(state: DirectoryState): DirectoryState {
  return {
    ...state,
    store: copyOfStore(state.store),
    copy: state.copy && copyOfStore(state.copy),
    gates: state.gates.map((gate) => ({
      ...gate,
      wire: gate.wire.map((operation) => ({ ...operation })),
    })),
    kicks: state.kicks.map((kick) => ({ ...kick })),
    late: state.late.map(({ gate, operation }) => ({ gate, operation: { ...operation } })),
  };
}

export function leaseOf(store: StoreState, gate: number, incarnation: number): Lease | undefined {
  return store.leases[gate]?.find((lease) => lease.incarnation === incarnation);
}

export function isLive(store: StoreState, gate: number, incarnation: number): boolean {
  return (leaseOf(store, gate, incarnation)?.left ?? 0) > 0;
}

/** The entry with a live lease. */
export function liveEntry(store: StoreState): Entry | null {
  const { entry } = store;
  return entry && isLive(store, entry.gate, entry.incarnation) ? entry : null;
}
