import { keyOf, type Peer } from './events.js';
import type { ObservedConnection } from './observed-connection.js';

/** How many are remembered at least; twice as many at most. A log may name as many as it likes. */
const remembered = 10_000;

/** Whose connection has ended, with the session it was. */
export class EndedPeers {
  #newer = new Map<string, string>();
  #older = new Map<string, string>();

  add(connection: ObservedConnection): void {
    this.#newer.set(connection.key, connection.id);
    for (const name of connection.names) this.#newer.set(name, connection.id);
    if (this.#newer.size < remembered) return;
    // A map from which the oldest is deleted again and again finds its oldest ever more slowly.
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** The session that ended last of those that were called so. */
  get(peer: Peer): string | undefined {
    const key = keyOf(peer);
    return this.#newer.get(key) ?? this.#older.get(key);
  }
}
