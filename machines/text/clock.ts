import { type Clock, never } from '../registration/chart/seat.js';

/** The longest delay a timer can hold, in milliseconds (2^31 - 1, about 24.8 days). */
export const longestDelay = 2_147_483_647;

/**
 * A delay for a clock. A clock that does not take `never` (XState's own) gets the longest delay of a timer instead, 24.8 days.
 */
export function delayFor(clock: Clock | undefined, delay: number): number {
  return delay === never && !clock?.takesNever ? longestDelay : delay;
}

/** Real timers, where a delay of `never` sets none (a plain setTimeout would fire at once). */
export const systemClock: Clock = {
  takesNever: true,
  setTimeout(fn, ms) {
    return ms === never ? undefined : globalThis.setTimeout(fn, Math.min(ms, longestDelay));
  },
  clearTimeout(id) {
    globalThis.clearTimeout(id);
  },
};
