import type { Peer } from './events.js';
import type { ObservedConnection } from './observed-connection.js';
import { keyOf } from './peers.js';

/** How many are remembered: a log may name as many as it likes. */
const most = 10_000;

/** Whose connection has ended, with the session it was, as long as nobody else is called so. */
export class EndedPeers {
  readonly #sessions = new Map<string, string>();

  add(connection: ObservedConnection): void {
    this.#remember(connection.key, connection.id);
    for (const name of connection.names) this.#remember(name, connection.id);
  }

  /** The session that ended last of those that were called so. */
  get(peer: Peer): string | undefined {
    return this.#sessions.get(keyOf(peer));
  }

  #remember(key: string, session: string): void {
    // The newest last.
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (this.#sessions.size <= most) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }
}
