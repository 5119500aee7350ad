import type { ObservedConnection } from './observed-connection.js';

/** A connection that was silent for longer than this, in milliseconds, is unlikely to send its first message now. */
const speaksWithin = 1_000;

/**
 * Connections whose client has not sent a message yet, so the log has no name for them. Finds the next one to send without
 * a search through all: thousands may stay silent.
 */
export class SilentConnections {
  readonly #all = new Set<ObservedConnection>();
  /** In order of their connects. Entries that left `#all` are skipped. */
  #fresh: ObservedConnection[] = [];
  #stale: ObservedConnection[] = [];
  #head = 0;

  get size(): number {
    return this.#all.size;
  }

  get oldest(): ObservedConnection | undefined {
    const [oldest] = this.#all;
    return oldest;
  }

  add(connection: ObservedConnection): void {
    this.#all.add(connection);
    this.#fresh.push(connection);
    this.#tidy();
  }

  delete(connection: ObservedConnection): boolean {
    return this.#all.delete(connection);
  }

  /** The connection that most likely sends now: the oldest of those younger than a second, else the newest; null when there is none. */
  speaksAt(at: number): ObservedConnection | null {
    for (let next = this.#fresh[this.#head]; next; next = this.#fresh[this.#head]) {
      if (this.#all.has(next)) {
        if (at - next.since < speaksWithin) return next;
        this.#stale.push(next);
      }
      this.#head += 1;
    }
    for (let last = this.#stale.at(-1); last; last = this.#stale.at(-1)) {
      if (this.#all.has(last)) return last;
      this.#stale.pop();
    }
    return null;
  }

  #tidy(): void {
    const most = this.#all.size * 2 + 1_000;
    if (this.#fresh.length + this.#stale.length < most * 2) return;
    const isThere = (connection: ObservedConnection) => this.#all.has(connection);
    this.#fresh = this.#fresh.slice(this.#head).filter(isThere);
    this.#stale = this.#stale.filter(isThere);
    this.#head = 0;
  }
}
