/**
 * The port to a store of client names that several gates share. An adapter implements it for one store; `DirectoryMember` has the rules
 * that are the same for all stores: leases, audits, and what happens when the store is lost.
 */

/** The stores. */
export type DirectoryKind = 'memory' | 'redis' | 'nats';

/** What all gates of a cluster must agree on. The first gate writes it to the store. */
export interface ClusterSettings {
  /** The version of the layout in the store. */
  readonly format: number;
  /** Milliseconds that a gate holds its names after its last renewal. */
  readonly lease: number;
  readonly partitions: number;
}

/**
 * A store of client names that several gates share. Names are divided into partitions. A gate joins each partition as an incarnation, whose
 * lease it renews; an incarnation whose lease has ended is never revived, the gate joins again as another one.
 *
 * Every promise of the port rejects with a `DirectoryError` when its outcome is unknown: the store did not answer in time, or the
 * connection ended. Adapters never send a request a second time.
 */
export interface Directory extends AsyncDisposable {
  readonly kind: DirectoryKind;
  /** The store for people, without a password, e.g. `redis://127.0.0.1:6379/0`. */
  readonly address: string;
  /** Milliseconds that a gate holds its names after its last renewal. */
  readonly lease: number;
  /** At least one. All gates of a cluster have the same number. */
  readonly partitions: readonly DirectoryPartition[];
  /** The partition of a name: the same in all gates. */
  partitionOf(clientName: string): DirectoryPartition;
  /** The time of the store, in milliseconds since 1970. */
  time(): Promise<number>;
  /** Writes the settings where the store has none. @returns those in the store */
  agree(settings: ClusterSettings): Promise<ClusterSettings>;
  /**
   * Receives what is sent to a node, until the directory is closed or another node is watched. A connection that was lost is opened again,
   * and `gap` is called for every partition.
   */
  watch(node: string, handlers: DirectoryHandlers): Promise<void>;
  /**
   * Sends a text to a node that watches, or to all nodes (null), this one included. It may be lost.
   */
  send(node: string | null, text: string): Promise<void>;
  /** Closes the connection. Names and leases stay in the store; `DirectoryPartition.leave` removes them. */
  close(): Promise<void>;
}

/** What a node hears. */
export interface DirectoryHandlers {
  /** Another gate has taken a name of this one. */
  kick(kick: Kick): void;
  message(text: string): void;
  /** The store has lost writes that it had acknowledged, or a kick was not heard: the partition has to be audited. */
  gap(partition: DirectoryPartition): void;
}

/** A name that is held by a session. */
export interface HeldName {
  readonly clientName: string;
  /** The id of the session. */
  readonly session: string;
  /**
   * The fencing number of the grant: a whole number that rises with every grant of a partition. Of two grants of one name the later one
   * has the higher epoch.
   */
  readonly epoch: number;
}

/** A name that this gate holds and writes to the store again. */
export interface ReassertedName extends HeldName {
  /** Maximum number of sessions of the name; at least 1. */
  readonly cap: number;
}

/** A session that holds a name, and its gate. */
export interface Holder extends HeldName {
  readonly node: string;
  readonly incarnation: string;
  /** Milliseconds until the lease of its gate ends, unless the gate renews it. */
  readonly leaseRemaining: number;
}

/** A name of this gate that another gate has taken. */
export interface Kick extends HeldName {
  readonly partition: DirectoryPartition;
  /** The incarnation that held the name. */
  readonly incarnation: string;
  /** The node and the epoch of the session that has the name now. */
  readonly by: { readonly node: string; readonly epoch: number };
}

export interface NameClaim {
  readonly incarnation: string;
  readonly clientName: string;
  readonly session: string;
  /** Maximum number of sessions of the name; at least 1. */
  readonly cap: number;
  /** `takeover` replaces the holder with the lowest epoch when the cap is reached. */
  readonly policy: 'reject' | 'takeover';
}

export type ClaimOutcome =
  /** @property replaced the holder whose place was taken: in this gate, or in another that was sent a kick */
  | { readonly outcome: 'granted'; readonly epoch: number; readonly replaced: Holder | null }
  /** The cap is reached. The holders with a live lease, the lowest epoch first. */
  | { readonly outcome: 'held'; readonly holders: readonly Holder[] }
  /** The lease of this incarnation has ended. */
  | { readonly outcome: 'lapsed' };

export type Renewal =
  /** @property expired other incarnations whose lease has ended and that have to be swept */
  | { readonly outcome: 'renewed'; readonly expired: readonly string[] }
  | { readonly outcome: 'lapsed' };

export type Reassertion =
  /** @property lost sessions whose name has holders with a higher epoch, and no room */
  | { readonly outcome: 'reasserted'; readonly lost: readonly string[] }
  | { readonly outcome: 'lapsed' };

/** An incarnation that has joined a partition and was not swept. */
export interface Incarnation {
  readonly incarnation: string;
  readonly node: string;
  /** Milliseconds until its lease ends; 0 when it has ended. */
  readonly leaseRemaining: number;
  /** Number of names that it holds. */
  readonly names: number;
}

/** A part of a directory, with some of the names. Each of its operations is atomic. */
export interface DirectoryPartition {
  /** Its number, from 0. */
  readonly index: number;
  /**
   * Joins as a new incarnation, which begins to live.
   * @returns its id, which no other incarnation ever had: longer than those of earlier ones, or as long and greater as a text
   */
  join(node: string): Promise<string>;
  /** Extends the lease. */
  renew(incarnation: string): Promise<Renewal>;
  /** Asks for a name. Holders whose lease has ended do not count. */
  claim(claim: NameClaim): Promise<ClaimOutcome>;
  /**
   * Writes names again that this gate was granted, with their epochs. Give the highest epochs first. Where a name has no room, the holder
   * with the lowest epoch loses it: that one is kicked, or the session is among `lost`. A grant that another incarnation holds with the same
   * epoch was this gate's: it is moved without a kick.
   */
  reassert(incarnation: string, names: readonly ReassertedName[]): Promise<Reassertion>;
  /** Gives a name back. Without effect where the store has another session or epoch for it, or the incarnation has lapsed. */
  release(incarnation: string, name: HeldName): Promise<void>;
  /** The names that the store has for an incarnation. */
  held(incarnation: string): Promise<HeldName[]>;
  /** Removes an incarnation whose lease has ended, with its names. @returns the number of names that are free now; 0 for a live one */
  sweep(incarnation: string): Promise<number>;
  /** Removes this gate's incarnation with its names, live or not. */
  leave(incarnation: string): Promise<void>;
  /** The incarnations. */
  list(): Promise<Incarnation[]>;
  /** The sessions with a live lease that hold a name, the lowest epoch first. */
  holders(clientName: string): Promise<Holder[]>;
}
