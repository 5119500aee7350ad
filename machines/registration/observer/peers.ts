import { ownText } from '../../text/format.js';
import { isRegisterName } from '../chart/message-events.js';
import { keyOf, type Peer, type Said } from './events.js';
import type { ObservedConnection } from './observed-connection.js';
import { SilentConnections } from './silent-connections.js';

/** The connection of an event. */
export interface Found {
  readonly connection: ObservedConnection;
  /** Whether the log does not state which of several connections it is. */
  readonly isConcluded: boolean;
}

/**
 * Finds the connection of a client's name in a log. In some logs the name is always the connection. In others a connection has a number in
 * its connect line and the client's name in all later lines, and no line connects the two.
 */
export class Peers {
  readonly #hasConnections: boolean;
  /** Open connections by label. */
  readonly #byLabel = new Map<string, ObservedConnection>();
  /** Open connections by name, the newest last. */
  readonly #byName = new Map<string, ObservedConnection[]>();
  /** Open connections without a name: those without a message yet, and those with messages under their number. */
  readonly #silent = new SilentConnections();
  readonly #numbered = new Set<ObservedConnection>();
  /** Open connections behind a proxy, by the proxy's name in the log. */
  readonly #proxied = new Map<string, Set<ObservedConnection>>();
  #hasNamedEnds = false;

  constructor(hasConnections: boolean) {
    this.#hasConnections = hasConnections;
  }

  /** All open connections, the oldest first. */
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

  /** Adds a name that the log uses for this connection. */
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

  /** The connections behind this one, if it is a proxy. */
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

  /** The connection that sends or receives a message; null when none is open. */
  speaker({ by, peer, message, at }: Said): Found | null {
    const labelled = this.labelled(peer);
    // A connection without a connect line has its name as the label.
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
      const asked = namesakes.findLast((one) => one.awaitsAnswer(id));
      return { connection: asked ?? newest, isConcluded: namesakes.length > 1 && !asked };
    }
    const asks = isRegisterName(message.messageName);
    // A registered client does not ask again, so this is another connection with the same name.
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

  /** The newest open connection of this name; null when none is open. */
  named(peer: Peer): ObservedConnection | null {
    return this.labelled(peer) ?? this.#byName.get(peer.label)?.at(-1) ?? null;
  }

  /** The connection that ends; null when none is open. */
  leaver(peer: Peer): Found | null {
    const labelled = this.labelled(peer);
    if (labelled) return { connection: this.#byItsNumber(labelled), isConcluded: false };
    const namesakes = this.#byName.get(peer.label);
    const [oldest] = namesakes ?? [];
    if (!namesakes || !oldest) return null;
    this.#hasNamedEnds = true;
    return { connection: oldest, isConcluded: namesakes.length > 1 };
  }

  /** A new name for a connection that sent messages under its number: the one with a request with this reference id. */
  #answered(referenceId: number | null, name: string): Found | null {
    for (const connection of this.#numbered) {
      if (!connection.awaitsAnswer(referenceId)) continue;
      this.name(connection, name);
      return { connection, isConcluded: true };
    }
    return null;
  }

  /**
   * In a log with names at the end of connections, this one ends under its number, so it has no name. The connection that was taken for it
   * is another one without a name. The two exchange their numbers.
   */
  #byItsNumber(labelled: ObservedConnection): ObservedConnection {
    if (!this.#hasNamedEnds || !labelled.isInferred('connection')) return labelled;
    const other = this.#silent.oldest;
    if (!other || other.since > labelled.firstMessageAt) return labelled;
    const { label } = labelled;
    labelled.label = other.label;
    other.label = label;
    this.#byLabel.set(labelled.key, labelled);
    this.#byLabel.set(other.key, other);
    other.infer('connection');
    return other;
  }
}
