/**
 * States as numbers and back. Incarnations are numbered by age among those that a state knows, and counts are relative to those of the
 * gate, so that states that differ only by the past are one.
 */
import type { DirectoryState, Entry, GateState, Grant, Operation, StoreState } from './state.js';

/** Added to numbers that may be negative. */
const offset = 32;

export class StateEncoding {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #gates: number;

  constructor(gates: number) {
    this.#gates = gates;
  }

  /** @param state is changed to its normal form */
  encode(state: DirectoryState): number {
    normalize(state);
    const text = written(state);
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  decode(code: number): DirectoryState {
    return new Reader(this.#texts[code] as string, this.#gates).state();
  }
}

function normalize(state: DirectoryState): void {
  for (let gate = 0; gate < state.gates.length; gate += 1) {
    rebase(state, gate);
    renumber(state, gate);
  }
  state.kicks.sort((a, b) => a.session - b.session || a.epoch - b.epoch || a.number - b.number);
}

function storesOf({ store, copy }: DirectoryState): StoreState[] {
  return copy ? [store, copy] : [store];
}

/** Visits the operations of a gate, also those of a lost connection. */
function eachOperation(state: DirectoryState, gate: number, visit: (one: Operation) => void): void {
  for (const operation of state.gates[gate]?.wire ?? []) visit(operation);
  for (const late of state.late) if (late.gate === gate) visit(late.operation);
}

/** Makes the counts of the current incarnation relative to those of its gate; those of other incarnations do not matter. */
function rebase(state: DirectoryState, at: number): void {
  const gate = state.gates[at];
  if (!gate) return;
  const current = gate.incarnation || gate.joining;
  const own = state.store.leases[at]?.find(({ incarnation }) => incarnation === current);
  const { operations, kicks } = gate.isCounting ? gate : (own ?? gate);
  gate.operations = 0;
  gate.kicks = 0;
  const shift = (counts: { operations: number; kicks: number }, isOwn: boolean) => {
    counts.operations = isOwn ? counts.operations - operations : 0;
    counts.kicks = isOwn ? counts.kicks - kicks : 0;
  };
  for (const { leases } of storesOf(state)) {
    for (const lease of leases[at] ?? []) shift(lease, lease.incarnation === current);
  }
  eachOperation(state, at, (one) => {
    shift(one, one.outcome !== 0 && one.incarnation === current);
  });
  for (const kick of state.kicks) {
    if (kick.gate === at) kick.number = kick.incarnation === current ? kick.number - kicks : 0;
  }
}

function renumber(state: DirectoryState, at: number): void {
  const gate = state.gates[at];
  const known = knownIncarnations(state, at);
  if (!gate || (known & (known + 2)) === 0) return;
  const names: number[] = [0];
  for (let bit = 1, next = 1; 1 << bit <= known; bit += 1) {
    if (known & (1 << bit)) {
      names[bit] = next;
      next += 1;
    }
  }
  const named = (incarnation: number) => names[incarnation] ?? 0;
  const renamed = <Known extends Entry | null>(entry: Known): Known =>
    entry?.gate === at ? { ...entry, incarnation: named(entry.incarnation) } : entry;
  gate.incarnation = named(gate.incarnation);
  gate.joining = named(gate.joining);
  for (const store of storesOf(state)) {
    store.entry = renamed(store.entry);
    for (const lease of store.leases[at] ?? []) lease.incarnation = named(lease.incarnation);
  }
  eachOperation(state, at, (one) => {
    one.incarnation = named(one.incarnation);
  });
  for (let index = 0; index < state.gates.length; index += 1) {
    eachOperation(state, index, (one) => {
      one.replaced = renamed(one.replaced);
    });
  }
  state.kicks = state.kicks.map(renamed);
}

/** The incarnations of a gate that a state knows: bit 1 for the first one. */
function knownIncarnations(state: DirectoryState, at: number): number {
  let known = 0;
  const add = (incarnation: number) => {
    known |= 1 << incarnation;
  };
  const addOf = (entry: Entry | null) => {
    if (entry?.gate === at) add(entry.incarnation);
  };
  add(state.gates[at]?.incarnation ?? 0);
  add(state.gates[at]?.joining ?? 0);
  for (const { entry, leases } of storesOf(state)) {
    addOf(entry);
    for (const { incarnation } of leases[at] ?? []) add(incarnation);
  }
  eachOperation(state, at, ({ incarnation }) => add(incarnation));
  for (let index = 0; index < state.gates.length; index += 1) {
    eachOperation(state, index, ({ replaced }) => addOf(replaced));
  }
  for (const kick of state.kicks) addOf(kick);
  return known & ~1;
}

/** A number that no incarnation of a gate has. */
export function newIncarnation(state: DirectoryState, at: number): number {
  return 32 - Math.clz32(knownIncarnations(state, at) | 1);
}

function written(state: DirectoryState): string {
  const out: number[] = [state.highest, state.claims, state.faults, state.copy ? 1 : 0];
  for (const store of storesOf(state)) writeStore(out, store);
  for (const gate of state.gates) {
    out.push(gate.mode, gate.incarnation, gate.joining, gate.deadline, gate.age);
    out.push(gate.needsAudit, gate.isCounting, gate.claiming, gate.kicked);
    writeGrants(out, gate.sessions);
    out.push(gate.wire.length);
    for (const operation of gate.wire) writeOperation(out, operation);
  }
  out.push(state.kicks.length);
  for (const kick of state.kicks) {
    writeEntry(out, kick);
    out.push(kick.number + offset);
  }
  out.push(state.late.length);
  for (const { gate, operation } of state.late) {
    out.push(gate);
    writeOperation(out, operation);
  }
  return String.fromCharCode(...out);
}

function writeStore(out: number[], { entry, leases, last }: StoreState): void {
  writeEntry(out, entry);
  out.push(last);
  for (const some of leases) {
    out.push(some.length);
    for (const { incarnation, left, operations, kicks } of some) {
      out.push(incarnation, left, operations + offset, kicks + offset);
    }
  }
}

function writeEntry(out: number[], entry: Entry | null): void {
  if (entry) out.push(entry.session, entry.epoch, entry.gate, entry.incarnation);
  else out.push(0);
}

function writeGrants(out: number[], grants: readonly Grant[]): void {
  out.push(grants.length);
  for (const { session, epoch } of grants) out.push(session, epoch);
}

function writeOperation(out: number[], one: Operation): void {
  out.push(one.kind, one.incarnation, one.isWork, one.outcome, one.epoch);
  writeGrants(out, one.names);
  writeGrants(out, one.found);
  writeGrants(out, one.rest);
  writeEntry(out, one.replaced);
  out.push(one.lost.length, ...one.lost, one.operations + offset, one.kicks + offset);
}

class Reader {
  readonly #text: string;
  readonly #gates: number;
  #at = 0;

  constructor(text: string, gates: number) {
    this.#text = text;
    this.#gates = gates;
  }

  state(): DirectoryState {
    const highest = this.#next();
    const claims = this.#next();
    const faults = this.#next();
    const hasCopy = this.#next() === 1;
    const store = this.#store();
    const copy = hasCopy ? this.#store() : null;
    const gates = Array.from({ length: this.#gates }, () => this.#gate());
    const kicks = this.#list(() => ({
      ...(this.#entry() as Entry),
      number: this.#next() - offset,
    }));
    const late = this.#list(() => ({ gate: this.#next(), operation: this.#operation() }));
    return { store, copy, highest, claims, faults, gates, kicks, late };
  }

  #store(): StoreState {
    const entry = this.#entry();
    const last = this.#next();
    const leases = Array.from({ length: this.#gates }, () =>
      this.#list(() => ({
        incarnation: this.#next(),
        left: this.#next(),
        operations: this.#next() - offset,
        kicks: this.#next() - offset,
      })),
    );
    return { entry, leases, last };
  }

  #gate(): GateState {
    return {
      mode: this.#next(),
      incarnation: this.#next(),
      joining: this.#next(),
      deadline: this.#next(),
      age: this.#next(),
      needsAudit: this.#next(),
      isCounting: this.#next(),
      operations: 0,
      kicks: 0,
      claiming: this.#next(),
      kicked: this.#next(),
      sessions: this.#grants(),
      wire: this.#list(() => this.#operation()),
    };
  }

  #operation(): Operation {
    return {
      kind: this.#next(),
      incarnation: this.#next(),
      isWork: this.#next(),
      outcome: this.#next(),
      epoch: this.#next(),
      names: this.#grants(),
      found: this.#grants(),
      rest: this.#grants(),
      replaced: this.#entry(),
      lost: this.#list(() => this.#next()),
      operations: this.#next() - offset,
      kicks: this.#next() - offset,
    };
  }

  #grants(): Grant[] {
    return this.#list(() => ({ session: this.#next(), epoch: this.#next() }));
  }

  #entry(): Entry | null {
    const session = this.#next();
    if (session === 0) return null;
    return {
      session,
      epoch: this.#next(),
      gate: this.#next(),
      incarnation: this.#next(),
    };
  }

  #list<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.#next(); left > 0; left -= 1) items.push(read());
    return items;
  }

  #next(): number {
    this.#at += 1;
    return this.#text.charCodeAt(this.#at - 1);
  }
}
