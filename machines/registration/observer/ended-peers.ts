import { keyOf, type Peer } from './events.js';
import type { ObservedConnection } from './observed-connection.js';

/** Minimum number of remembered peers; the maximum is twice that. A log may contain any number of names. */
const remembered = 10_000;

/** The peers whose connections have ended, with the session ids. */
export class EndedPeers {
  #newer = new Map<string, string>();
  #older = new Map<string, string>();

  add(connection: ObservedConnection): void {
    this.#newer.set(connection.key, connection.id);
    for (const name of connection.names) this.#newer.set(name, connection.id);
    if (this.#newer.size < remembered) return;
    // Two generations: deleting the oldest entry of one map again and again gets slower and slower.
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** The last session that ended under the name or number of a peer. */
  get(peer: Peer): string | undefined {
    const key = keyOf(peer);
    return this.#newer.get(key) ?? this.#older.get(key);
  }
}
