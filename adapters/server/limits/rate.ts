/** A rate limit: `perSecond` (above 0) on average, `burst` (1 or more) at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The tokens of a bucket that had `tokens` before `elapsed` milliseconds. A clock that went back adds none. */
export function refilled({ perSecond, burst }: Rate, tokens: number, elapsed: number): number {
  return Math.min(burst, tokens + (Math.max(0, elapsed) * perSecond) / 1_000);
}
