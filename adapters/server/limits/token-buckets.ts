/** How often something may happen: `perSecond` on average, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface TokenBucketsOptions extends Rate {
  /** Sources that are remembered at most; the one that was idle longest is forgotten first. @default 65536 */
  readonly sources?: number;
  /** A clock that never jumps, in milliseconds. */
  readonly now: () => number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** One token bucket a source. */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions;
  readonly #sources: number;
  /** Least recently used first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketsOptions) {
    this.#options = options;
    this.#sources = options.sources ?? 65_536;
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
    const tokens = known
      ? Math.min(burst, known.tokens + (Math.max(0, at - known.at) * perSecond) / 1_000)
      : burst;
    const taken = tokens >= 1;
    // Deleted and set again, it is the most recently used.
    this.#buckets.delete(source);
    if (this.#buckets.size >= this.#sources) this.#forgetOldest();
    this.#buckets.set(source, { tokens: taken ? tokens - 1 : tokens, at });
    return taken;
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
