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
    const { perSecond, burst, now } = this.#options;
    const at = now();
    const known = this.#buckets.get(source);
    const left = known ? refilled(this.#options, known.tokens, at - known.at) : burst;
    const tokens = left - 1;
    if (tokens < 0) return false;
    const until = at + ((burst - tokens) * 1_000) / perSecond;
    this.#buckets.put({ source, tokens, at, until }, at);
    return true;
  }
}
