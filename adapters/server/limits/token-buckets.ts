import { BoundedTable, type Entry } from './bounded-table.js';
import { type Rate, refilled } from './rate.js';

export interface TokenBucketsOptions extends Rate {
  /** Sources that are remembered at most, 1 or more; the one whose bucket is full again first makes room. @default 65536 */
  readonly sources?: number;
  /** A clock that never jumps, in milliseconds. */
  readonly now: () => number;
}

/** It ends when it is full again: so is the bucket of a source of which nothing is known. */
interface Bucket extends Entry {
  readonly tokens: number;
  /** When it had so many. */
  readonly at: number;
}

/**
 * One token bucket a source.
 *
 * Who is forgotten starts again with a full bucket. A full table forgets the one that is full again first, so there is little to win: to
 * be rid of an empty bucket early takes `sources` (65,536) others that were emptied as far and later. Whoever commands more sources than
 * that was allowed `sources` times the rate already; what bounds him is what is counted in all.
 */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions;
  readonly #buckets: BoundedTable<Bucket>;

  constructor(options: TokenBucketsOptions) {
    this.#options = options;
    this.#buckets = new BoundedTable(options.sources ?? 65_536);
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token, if the source has one left. */
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
