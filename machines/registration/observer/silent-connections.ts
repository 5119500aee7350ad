import type { ObservedConnection } from './observed-connection.js';

/** A client usually sends its first message within this time, in milliseconds. */
const speaksWithin = 1_000;

/**
 * Connections whose client has not sent a message yet, so the log has no name for them. The sender of a first message is found without a
 * scan, because thousands may never send one.
 */
export class SilentConnections {
  readonly #all = new Set<ObservedConnection>();
  /** In the order in which they connected. Connections that are no longer in `#all` are skipped. */
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

  /** The sender of a first message: the oldest that connected less than a second ago, otherwise the newest; null when there is none. */
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
