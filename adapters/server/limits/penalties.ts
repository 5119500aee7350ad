import { BoundedTable, type Entry } from './bounded-table.js';

export interface PenaltiesOptions {
  /** Milliseconds that must have accrued before a source is turned away. */
  readonly min: number;
  /** Milliseconds that accrue at most. */
  readonly max: number;
  /** Sources that are remembered at most, 1 or more; the one whose penalty ends first makes room. */
  readonly sources: number;
  /** A clock that never jumps, in milliseconds. */
  readonly now: () => number;
}

/** It ends when it is served. */
interface Penalty extends Entry {
  /** Once enforced, a penalty is enforced until it is served. */
  readonly enforced: boolean;
}

/**
 * Seconds that accrue to a source for what it did, served by waiting, as OpenSSH's PerSourcePenalties: turned away from `min` on, until
 * they are served, and for `max` at most.
 *
 * A full table forgets the penalty that ends first. So to be rid of a penalty early takes `sources` others that all end later: whoever
 * comes from many addresses and offends a little from each pushes out his own small penalties, not the long one of his first address.
 */
export class Penalties {
  readonly #options: PenaltiesOptions;
  readonly #penalties: BoundedTable<Penalty>;

  constructor(options: PenaltiesOptions) {
    this.#options = options;
    this.#penalties = new BoundedTable(options.sources);
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#penalties.size;
  }

  /** Adds milliseconds to what a source has left to serve. */
  add(source: string, milliseconds: number): void {
    if (milliseconds <= 0) return;
    const { min, max, now } = this.#options;
    const at = now();
    const known = this.#penalties.get(source);
    const left = known ? Math.max(0, known.until - at) : 0;
    const accrued = Math.min(max, left + milliseconds);
    const enforced = accrued >= min || (left > 0 && known?.enforced === true);
    this.#penalties.put({ source, until: at + accrued, enforced }, at);
  }

  /** Milliseconds a source is still turned away; 0 when it is not. */
  remaining(source: string): number {
    const penalty = this.#penalties.get(source);
    return penalty?.enforced ? Math.max(0, penalty.until - this.#options.now()) : 0;
  }
}
