/** Timers and their limits. */

/** A delay that never ends, for a deadline that another seat keeps. */
export const never = Number.POSITIVE_INFINITY;

/** Timers as XState uses them: real ones or a simulated clock. */
export interface Clock {
  /** Whether `setTimeout` handles a delay of `never`. A plain timer fires at once then. @default false */
  readonly takesNever?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: XState leaves the timer handle to the clock.
  setTimeout(fn: (...args: any[]) => void, timeout: number): any;
  // biome-ignore lint/suspicious/noExplicitAny: the same handle.
  clearTimeout(id: any): void;
}

/** The longest delay of a timer, in milliseconds (2^31 - 1, about 24.8 days). */
export const longestDelay = 2_147_483_647;

/**
 * A delay for a clock. A clock that cannot handle `never` (XState's default clock) gets the longest delay of a timer instead, 24.8 days.
 */
export function delayFor(clock: Clock | undefined, delay: number): number {
  return delay === never && !clock?.takesNever ? longestDelay : delay;
}

/** Real timers. A delay of `never` sets no timer; a plain setTimeout would fire at once. */
export const systemClock: Clock = {
  takesNever: true,
  setTimeout(fn, ms) {
    return ms === never ? undefined : globalThis.setTimeout(fn, Math.min(ms, longestDelay));
  },
  clearTimeout(id) {
    globalThis.clearTimeout(id);
  },
};
