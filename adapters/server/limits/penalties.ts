import { BoundedTable, type Entry } from './bounded-table.js';

export interface PenaltiesOptions {
  /** Milliseconds that must have accrued before a source is rejected. */
  readonly min: number;
  /** Maximum milliseconds that accrue. */
  readonly max: number;
  /** Maximum number of sources, 1 or more; a full table forgets the penalty that ends first. */
  readonly sources: number;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** A penalty expires when it is served. */
interface Penalty extends Entry {
  /** Once enforced, a penalty is enforced until it is served. */
  readonly enforced: boolean;
}

/** A source and its penalty. */
export interface ListedPenalty {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  readonly source: string;
  /** Milliseconds left. */
  readonly remaining: number;
  /** Whether connections of the source are rejected; below `min` it only accrues. */
  readonly isEnforced: boolean;
}

/**
 * Penalties of sources, as OpenSSH's PerSourcePenalties. Time accrues for each violation and passes by waiting. From `min` on a source is
 * rejected until its time has passed, for `max` at most.
 *
 * A full table forgets the penalty that ends first. To lose a penalty early takes `sources` other penalties that all end later. An attacker
 * with many addresses pushes out the small penalties of these addresses, not the long one of the first.
 */
export class Penalties {
  readonly #options: PenaltiesOptions;
  readonly #penalties: BoundedTable<Penalty>;

  constructor(options: PenaltiesOptions) {
    this.#options = options;
    this.#penalties = new BoundedTable(options.sources);
  }

  /** Number of sources with a penalty. */
  get size(): number {
    return this.#penalties.size;
  }

  /** Adds milliseconds to the penalty of a source. */
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

  /** Makes the penalty of a source at least that long. */
  learn({ source, remaining, isEnforced }: ListedPenalty): void {
    const { min, max, now } = this.#options;
    const at = now();
    const known = this.#penalties.get(source);
    const until = Math.max(at + Math.min(max, remaining), known?.until ?? 0);
    const enforced = isEnforced || until - at >= min || this.remaining(source) > 0;
    this.#penalties.put({ source, until, enforced }, at);
  }

  /** The sources with a penalty, the longest first. */
  list(): ListedPenalty[] {
    const at = this.#options.now();
    return [...this.#penalties.entries()]
      .map(({ source, until, enforced }) => ({
        source,
        remaining: until - at,
        isEnforced: enforced,
      }))
      .filter(({ remaining }) => remaining > 0)
      .sort((one, other) => other.remaining - one.remaining);
  }

  /** Forgets the penalty of a source, or all for null. @returns the number of penalties that were in force or accruing */
  clear(source: string | null): number {
    const all = source === null ? [...this.#penalties.entries()] : [this.#penalties.get(source)];
    const known = all.filter((one) => one !== undefined);
    for (const one of known) this.#penalties.delete(one.source);
    const at = this.#options.now();
    return known.filter(({ until }) => until > at).length;
  }

  /** Milliseconds for which a source is still rejected; 0 when it is not. */
  remaining(source: string): number {
    const penalty = this.#penalties.get(source);
    return penalty?.enforced ? Math.max(0, penalty.until - this.#options.now()) : 0;
  }
}
