import { BoundedTable, type Entry } from './bounded-table.js';
import { type Rate, refilled } from './rate.js';

export interface TokenBucketsOptions extends Rate {
  /** Maximum number of sources, 1 or more; a full table forgets the bucket that is full again first. @default 65536 */
  readonly sources?: number;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** A bucket expires when it is full again, since an unknown source has a full bucket. */
interface Bucket extends Entry {
  /** Below 0 when more were spent than there were. */
  readonly tokens: number;
  /** When it had `tokens`. */
  readonly at: number;
}

/**
 * A token bucket for each source.
 *
 * A forgotten source starts again with a full bucket. A full table forgets the bucket that is full again first. To lose an empty bucket
 * early takes `sources` (65,536) others that were emptied as far and later. An attacker with more sources than that already has `sources`
 * times the rate; the limits on all connections bound that attacker.
 */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions;
  readonly #buckets: BoundedTable<Bucket>;

  constructor(options: TokenBucketsOptions) {
    this.#options = options;
    this.#buckets = new BoundedTable(options.sources ?? 65_536);
  }

  /** Number of sources with a bucket. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token of a source. @returns false when it has none left */
  take(source: string): boolean {
    const at = this.#options.now();
    const tokens = this.#left(source, at) - 1;
    if (tokens < 0) return false;
    this.#put(source, tokens, at);
    return true;
  }

  /**
   * Takes tokens of a source that another gate or worker has already given away. Those that the source did not have are taken from
   * the following ones, `burst` at most, so that the rate over time is that of one bucket.
   */
  spend(source: string, count: number): void {
    const at = this.#options.now();
    this.#put(source, Math.max(-this.#options.burst, this.#left(source, at) - count), at);
  }

  #left(source: string, at: number): number {
    const known = this.#buckets.get(source);
    return known ? refilled(this.#options, known.tokens, at - known.at) : this.#options.burst;
  }

  #put(source: string, tokens: number, at: number): void {
    const { perSecond, burst } = this.#options;
    const until = at + ((burst - tokens) * 1_000) / perSecond;
    this.#buckets.put({ source, tokens, at, until }, at);
  }
}
