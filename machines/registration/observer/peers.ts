import { ownText } from '../../text/format.js';
import { isRegisterName } from '../chart/message-events.js';
import { keyOf, type Peer, type Said } from './events.js';
import type { ObservedConnection } from './observed-connection.js';
import { SilentConnections } from './silent-connections.js';

/** Whom an event is of. */
export interface Found {
  readonly connection: ObservedConnection;
  /** The log does not say which of several it is. */
  readonly isConcluded: boolean;
}

/**
 * Who is meant by what a log calls a client. In some logs that is its connection, always. In others a connection has a number where it
 * is set up, and the client's name in every line from then on: which name belongs to which number is nowhere written.
 */
export class Peers {
  readonly #hasConnections: boolean;
  /** Open connections by label. */
  readonly #byLabel = new Map<string, ObservedConnection>();
  /** Open connections that the log calls by a name, the newest last. */
  readonly #byName = new Map<string, ObservedConnection[]>();
  /** Open connections that the log calls by no name yet: those that are silent, and those that spoke by their number. */
  readonly #silent = new SilentConnections();
  readonly #numbered = new Set<ObservedConnection>();
  /** Open connections that go through a proxy, by what the log calls it. */
  readonly #proxied = new Map<string, Set<ObservedConnection>>();
  #hasNamedEnds = false;

  constructor(hasConnections: boolean) {
    this.#hasConnections = hasConnections;
  }

  /** Every open connection, the oldest first. */
  get open(): IterableIterator<ObservedConnection> {
    return this.#byLabel.values();
  }

  labelled(peer: Peer): ObservedConnection | undefined {
    return this.#byLabel.get(keyOf(peer));
  }

  add(connection: ObservedConnection, peer: Peer, isNamed: boolean): void {
    this.#byLabel.set(connection.key, connection);
    const { proxy } = connection;
    if (proxy !== null) {
      const siblings = this.#proxied.get(proxy);
      if (siblings) siblings.add(connection);
      else this.#proxied.set(proxy, new Set([connection]));
    }
    if (this.#hasConnections || proxy !== null) return;
    if (isNamed) this.name(connection, peer.label);
    else this.#silent.add(connection);
  }

  /** From now on the log may call it so. */
  name(connection: ObservedConnection, name: string): void {
    if (this.#hasConnections || connection.proxy !== null) return;
    this.#silent.delete(connection);
    this.#numbered.delete(connection);
    if (connection.names.includes(name)) return;
    const own = ownText(name);
    connection.names.push(own);
    const namesakes = this.#byName.get(own);
    if (namesakes) namesakes.push(connection);
    else this.#byName.set(own, [connection]);
  }

  /** Those that go through it, where it is a proxy. */
  behind({ label, names }: ObservedConnection): ObservedConnection[] {
    if (this.#proxied.size === 0) return [];
    return [...new Set([label, ...names])].flatMap((one) => [...(this.#proxied.get(one) ?? [])]);
  }

  remove(connection: ObservedConnection): void {
    const { key, proxy } = connection;
    this.#byLabel.delete(key);
    this.#silent.delete(connection);
    this.#numbered.delete(connection);
    if (proxy !== null) {
      const siblings = this.#proxied.get(proxy);
      siblings?.delete(connection);
      if (siblings?.size === 0) this.#proxied.delete(proxy);
    }
    for (const name of connection.names) {
      const namesakes = this.#byName.get(name);
      if (!namesakes) continue;
      if (namesakes.length === 1) this.#byName.delete(name);
      else namesakes.splice(namesakes.indexOf(connection), 1);
    }
  }

  /** Who speaks, or is spoken to; null when none is open. */
  speaker({ by, peer, message, at }: Said): Found | null {
    const labelled = this.labelled(peer);
    // One whose connect line is missing has a name where others have a number.
    const isNumber = labelled && !labelled.names.includes(peer.label);
    if (isNumber) {
      if (by === 'client' && this.#silent.delete(labelled)) this.#numbered.add(labelled);
      return { connection: labelled, isConcluded: false };
    }
    if (this.#hasConnections || peer.proxy !== undefined) return null;
    const namesakes = this.#byName.get(peer.label);
    const newest = namesakes?.at(-1);
    if (by === 'server') {
      const id = typeof message.referenceId === 'number' ? message.referenceId : null;
      if (!namesakes || !newest) return this.#answered(id, peer.label);
      const asked = namesakes.findLast((one) => one.hasAskedWith(id));
      return { connection: asked ?? newest, isConcluded: namesakes.length > 1 && !asked };
    }
    const asks = isRegisterName(message.messageName);
    // Whoever is registered has no need to ask: it is another connection of the same name.
    const isAnother = asks && (newest?.isRegistered || newest?.isUnknown);
    if (newest && !isAnother) {
      return { connection: newest, isConcluded: (namesakes?.length ?? 0) > 1 };
    }
    const silent = this.#silent.speaksAt(at);
    if (silent) {
      const isConcluded = this.#silent.size > 1;
      this.name(silent, peer.label);
      return { connection: silent, isConcluded };
    }
    return newest && !newest.isUnknown ? { connection: newest, isConcluded: false } : null;
  }

  /** Whom the log says something of, which is not about to end; null when none is open. */
  named(peer: Peer): ObservedConnection | null {
    return this.labelled(peer) ?? this.#byName.get(peer.label)?.at(-1) ?? null;
  }

  /** Who ends; null when none is open. */
  leaver(peer: Peer): Found | null {
    const labelled = this.labelled(peer);
    if (labelled) return { connection: this.#byItsNumber(labelled), isConcluded: false };
    const namesakes = this.#byName.get(peer.label);
    const [oldest] = namesakes ?? [];
    if (!namesakes || !oldest) return null;
    this.#hasNamedEnds = true;
    return { connection: oldest, isConcluded: namesakes.length > 1 };
  }

  /** Somebody is called by a name for the first time who has spoken by its number: the one that asked with this reference id. */
  #answered(referenceId: number | null, name: string): Found | null {
    for (const connection of this.#numbered) {
      if (!connection.hasAskedWith(referenceId)) continue;
      this.name(connection, name);
      return { connection, isConcluded: true };
    }
    return null;
  }

  /**
   * A log that calls clients by their names when they go, and this one by its number: it has no name, and the one that was taken for it
   * is another that has none yet. The two exchange their numbers.
   */
  #byItsNumber(labelled: ObservedConnection): ObservedConnection {
    if (!this.#hasNamedEnds || !labelled.isInferred('connection')) return labelled;
    const other = this.#silent.oldest;
    if (!other || other.since > labelled.spokeAt) return labelled;
    const { label } = labelled;
    labelled.label = other.label;
    other.label = label;
    this.#byLabel.set(labelled.key, labelled);
    this.#byLabel.set(other.key, other);
    other.infer('connection');
    return other;
  }
}
