import type {
  ClaimOutcome,
  ClusterSettings,
  Directory,
  DirectoryHandlers,
  DirectoryPartition,
  HeldName,
  Holder,
  Incarnation,
  NameClaim,
  ReassertedName,
  Reassertion,
  Renewal,
} from './directory.js';

export interface MemoryStoreOptions {
  /** Milliseconds that a gate holds its names after its last renewal; `Infinity` for ever. @default 6000 */
  readonly lease?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** A name that an incarnation holds. */
interface Entry extends HeldName {
  readonly incarnation: string;
}

interface Lease {
  readonly node: string;
  /** When it ends; milliseconds since 1970. */
  end: number;
  /** By epoch. */
  readonly entries: Map<number, Entry>;
}

/** Names in the memory of this process, shared by the gates that are given one store. */
export class MemoryStore {
  readonly lease: number;
  readonly #now: () => number;
  readonly #leases = new Map<string, Lease>();
  /** The entries of each name, the lowest epoch first. */
  readonly #names = new Map<string, Entry[]>();
  readonly #watchers = new Map<string, Set<DirectoryHandlers>>();
  #epoch = 0;
  #settings: ClusterSettings | null = null;

  constructor({ lease = 6_000, now = Date.now }: MemoryStoreOptions = {}) {
    this.lease = lease;
    this.#now = now;
  }

  time(): number {
    return this.#now();
  }

  agree(settings: ClusterSettings): ClusterSettings {
    this.#settings ??= settings;
    return this.#settings;
  }

  watch(node: string, handlers: DirectoryHandlers): () => void {
    const watchers = this.#watchers.get(node) ?? new Set();
    this.#watchers.set(node, watchers.add(handlers));
    return () => {
      watchers.delete(handlers);
      if (watchers.size === 0) this.#watchers.delete(node);
    };
  }

  /** Calls the handlers of a node, or of all, later. */
  tell(node: string | null, call: (handlers: DirectoryHandlers) => void): void {
    queueMicrotask(() => {
      const told = node === null ? [...this.#watchers.values()] : [this.#watchers.get(node) ?? []];
      for (const handlers of told.flatMap((watchers) => [...watchers])) call(handlers);
    });
  }

  join(node: string): string {
    const incarnation = this.#nextEpoch().toString(36);
    this.#leases.set(incarnation, { node, end: this.#now() + this.lease, entries: new Map() });
    return incarnation;
  }

  renew(incarnation: string): Renewal {
    const lease = this.#live(incarnation);
    if (!lease) return { outcome: 'lapsed' };
    const end = this.#now() + this.lease;
    lease.end = end;
    // The clock may have been set back.
    for (const other of this.#leases.values()) other.end = Math.min(other.end, end);
    const expired = [...this.#leases.keys()].filter((one) => !this.#live(one));
    return { outcome: 'renewed', expired };
  }

  claim({ incarnation, clientName, session, cap, policy }: NameClaim, kicks: Kicks): ClaimOutcome {
    if (!this.#live(incarnation)) return { outcome: 'lapsed' };
    const entries = this.#liveEntries(clientName);
    const isFull = entries.length >= cap;
    const [oldest] = entries;
    if (isFull && (policy === 'reject' || !oldest)) {
      return { outcome: 'held', holders: entries.map((entry) => this.#holder(entry)) };
    }
    const epoch = this.#nextEpoch();
    const replaced = isFull && oldest ? this.#holder(oldest) : null;
    if (isFull && oldest) {
      this.#remove(oldest);
      if (oldest.incarnation !== incarnation) kicks(oldest, incarnation, epoch);
    }
    this.#add({ incarnation, clientName, session, epoch });
    return { outcome: 'granted', epoch, replaced };
  }

  reassert(incarnation: string, names: readonly ReassertedName[], kicks: Kicks): Reassertion {
    if (!this.#live(incarnation)) return { outcome: 'lapsed' };
    const lost = names.filter((name) => !this.#reassert(incarnation, name, kicks));
    return { outcome: 'reasserted', lost: lost.map(({ session }) => session) };
  }

  release(incarnation: string, name: HeldName): void {
    const entry = this.#live(incarnation)?.entries.get(name.epoch);
    if (entry?.clientName === name.clientName && entry.session === name.session)
      this.#remove(entry);
  }

  held(incarnation: string): HeldName[] {
    return [...(this.#leases.get(incarnation)?.entries.values() ?? [])].map(
      ({ clientName, session, epoch }) => ({ clientName, session, epoch }),
    );
  }

  sweep(incarnation: string): number {
    return this.#live(incarnation) ? 0 : this.leave(incarnation);
  }

  /** @returns the number of its names */
  leave(incarnation: string): number {
    const entries = [...(this.#leases.get(incarnation)?.entries.values() ?? [])];
    for (const entry of entries) this.#remove(entry);
    this.#leases.delete(incarnation);
    return entries.length;
  }

  list(): Incarnation[] {
    return [...this.#leases].map(([incarnation, { node, end, entries }]) => ({
      incarnation,
      node,
      leaseRemaining: Math.max(0, end - this.#now()),
      names: entries.size,
    }));
  }

  holders(clientName: string): Holder[] {
    return this.#liveEntries(clientName).map((entry) => this.#holder(entry));
  }

  nodeOf(incarnation: string): string {
    return this.#leases.get(incarnation)?.node ?? '';
  }

  #nextEpoch(): number {
    this.#epoch = Math.max(this.#epoch + 1, Math.floor(this.#now() * 1_000));
    return this.#epoch;
  }

  #live(incarnation: string): Lease | null {
    const lease = this.#leases.get(incarnation);
    if (!lease || lease.end > this.#now()) return lease ?? null;
    // Another gate may have its names by now: it does not live again when the clock is set back.
    lease.end = 0;
    return null;
  }

  #liveEntries(clientName: string): Entry[] {
    const entries = this.#names.get(clientName) ?? [];
    return entries.filter(({ incarnation }) => this.#live(incarnation));
  }

  /** @returns whether the session holds the name now */
  #reassert(incarnation: string, name: ReassertedName, kicks: Kicks): boolean {
    const { clientName, session, epoch, cap } = name;
    // It may be of a store that was lost.
    this.#epoch = Math.max(this.#epoch, epoch);
    if (this.#leases.get(incarnation)?.entries.has(epoch)) return true;
    const moved = this.#names.get(clientName)?.find((entry) => entry.epoch === epoch);
    if (moved) this.#remove(moved);
    const entries = this.#liveEntries(clientName);
    const [lowest] = entries;
    if (lowest && entries.length >= cap) {
      if (lowest.epoch > epoch) return false;
      this.#remove(lowest);
      kicks(lowest, incarnation, epoch);
    }
    this.#add({ incarnation, clientName, session, epoch });
    return true;
  }

  #holder({ clientName, session, epoch, incarnation }: Entry): Holder {
    const { node = '', end = 0 } = this.#leases.get(incarnation) ?? {};
    const leaseRemaining = Math.max(0, end - this.#now());
    return { clientName, session, epoch, node, incarnation, leaseRemaining };
  }

  #add(entry: Entry): void {
    for (const other of this.#names.get(entry.clientName) ?? []) {
      if (!this.#live(other.incarnation)) this.#remove(other);
    }
    const others = this.#names.get(entry.clientName) ?? [];
    const at = others.findIndex(({ epoch }) => epoch > entry.epoch);
    this.#names.set(entry.clientName, others.toSpliced(at === -1 ? others.length : at, 0, entry));
    this.#leases.get(entry.incarnation)?.entries.set(entry.epoch, entry);
    this.#epoch = Math.max(this.#epoch, entry.epoch);
  }

  #remove(entry: Entry): void {
    const others = (this.#names.get(entry.clientName) ?? []).filter((one) => one !== entry);
    if (others.length > 0) this.#names.set(entry.clientName, others);
    else this.#names.delete(entry.clientName);
    this.#leases.get(entry.incarnation)?.entries.delete(entry.epoch);
  }
}

/** Kicks the holder of an entry. @param by the incarnation that has its place now, with `epoch` */
type Kicks = (entry: Entry, by: string, epoch: number) => void;

/** The directory of one gate in a `MemoryStore`. */
export class MemoryDirectory implements Directory {
  readonly kind = 'memory';
  readonly address = 'memory';
  readonly lease: number;
  readonly partitions: readonly [DirectoryPartition];
  readonly #store: MemoryStore;
  #unwatch = () => {};

  /** @param store shared by the gates of a cluster. @default a separate store */
  constructor(store: MemoryStore = new MemoryStore()) {
    this.#store = store;
    this.lease = store.lease;
    this.partitions = [new MemoryPartition(store)];
  }

  partitionOf(): DirectoryPartition {
    return this.partitions[0];
  }

  async time(): Promise<number> {
    return this.#store.time();
  }

  async agree(settings: ClusterSettings): Promise<ClusterSettings> {
    return this.#store.agree(settings);
  }

  async watch(node: string, handlers: DirectoryHandlers): Promise<void> {
    this.#unwatch();
    const [partition] = this.partitions;
    this.#unwatch = this.#store.watch(node, {
      ...{ message: handlers.message, gap: handlers.gap },
      kick: (kick) => handlers.kick({ ...kick, partition }),
    });
  }

  async send(node: string | null, text: string): Promise<void> {
    this.#store.tell(node, (handlers) => handlers.message(text));
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#unwatch = () => {};
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class MemoryPartition implements DirectoryPartition {
  readonly index = 0;
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async join(node: string): Promise<string> {
    return this.#store.join(node);
  }

  async renew(incarnation: string): Promise<Renewal> {
    return this.#store.renew(incarnation);
  }

  async claim(claim: NameClaim): Promise<ClaimOutcome> {
    return this.#store.claim(claim, this.#kick);
  }

  async reassert(incarnation: string, names: readonly ReassertedName[]): Promise<Reassertion> {
    return this.#store.reassert(incarnation, names, this.#kick);
  }

  async release(incarnation: string, name: HeldName): Promise<void> {
    this.#store.release(incarnation, name);
  }

  async held(incarnation: string): Promise<HeldName[]> {
    return this.#store.held(incarnation);
  }

  async sweep(incarnation: string): Promise<number> {
    return this.#store.sweep(incarnation);
  }

  async leave(incarnation: string): Promise<void> {
    this.#store.leave(incarnation);
  }

  async list(): Promise<Incarnation[]> {
    return this.#store.list();
  }

  async holders(clientName: string): Promise<Holder[]> {
    return this.#store.holders(clientName);
  }

  readonly #kick: Kicks = ({ clientName, session, epoch, incarnation }, by, byEpoch) => {
    const kick = {
      ...{ clientName, session, epoch, incarnation, partition: this },
      by: { node: this.#store.nodeOf(by), epoch: byEpoch },
    };
    this.#store.tell(this.#store.nodeOf(incarnation), (handlers) => handlers.kick(kick));
  };
}
