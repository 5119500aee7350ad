export interface PenaltiesOptions {
  /** Milliseconds that must have accrued before a source is turned away. */
  readonly min: number;
  /** Milliseconds that accrue at most. */
  readonly max: number;
  /** Sources that are remembered at most; the one whose penalty ends first makes room. */
  readonly sources: number;
  /** A clock that never jumps, in milliseconds. */
  readonly now: () => number;
}

interface Penalty {
  /** When it is served. */
  until: number;
  /** Once enforced, a penalty is enforced until it is served. */
  enforced: boolean;
}

/** How many are looked at to find one that ends soon; the table is never searched whole. */
const sample = 32;

/**
 * Seconds that accrue to a source for what it did, served by waiting, as OpenSSH's PerSourcePenalties: turned away from `min` on, until
 * they are served, and for `max` at most.
 */
export class Penalties {
  readonly #options: PenaltiesOptions;
  readonly #penalties = new Map<string, Penalty>();

  constructor(options: PenaltiesOptions) {
    this.#options = options;
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#penalties.size;
  }

  /** Adds milliseconds to what a source has left to serve. */
  add(source: string, milliseconds: number): void {
    if (milliseconds <= 0) return;
    const { min, max, sources, now } = this.#options;
    const at = now();
    const known = this.#penalties.get(source);
    const left = known ? Math.max(0, known.until - at) : 0;
    const accrued = Math.min(max, left + milliseconds);
    this.#penalties.delete(source);
    if (this.#penalties.size >= sources) this.#makeRoom(at);
    const enforced = accrued >= min || (left > 0 && known?.enforced === true);
    this.#penalties.set(source, { until: at + accrued, enforced });
  }

  /** Milliseconds a source is still turned away; 0 when it is not. */
  remaining(source: string): number {
    const penalty = this.#penalties.get(source);
    if (!penalty) return 0;
    const left = penalty.until - this.#options.now();
    if (left > 0) return penalty.enforced ? left : 0;
    this.#penalties.delete(source);
    return 0;
  }

  /** Forgets one: what is served, else the one of the longest untouched that ends first. */
  #makeRoom(at: number): void {
    let first: string | null = null;
    let until = Number.POSITIVE_INFINITY;
    let looked = 0;
    for (const [source, penalty] of this.#penalties) {
      if (penalty.until < until) {
        first = source;
        until = penalty.until;
      }
      looked += 1;
      if (until <= at || looked === sample) break;
    }
    if (first !== null) this.#penalties.delete(first);
  }
}
