import { keyOf, type Peer } from './events.js';
import type { ObservedConnection } from './observed-connection.js';

/** Minimum number of names that are kept; the maximum is twice this. It bounds memory for logs with many names. */
const remembered = 10_000;

/** Peers whose connection has ended, with their session. */
export class EndedPeers {
  #newer = new Map<string, string>();
  #older = new Map<string, string>();

  add(connection: ObservedConnection): void {
    this.#newer.set(connection.key, connection.id);
    for (const name of connection.names) this.#newer.set(name, connection.id);
    if (this.#newer.size < remembered) return;
    // Deleting the oldest key of a map again and again gets slower each time, so two generations are kept instead.
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** The latest ended session of this peer. */
  get(peer: Peer): string | undefined {
    const key = keyOf(peer);
    return this.#newer.get(key) ?? this.#older.get(key);
  }
}
