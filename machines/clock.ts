import { type Clock, never } from './seat.js';

/** The longest delay a timer can hold, in milliseconds (2^31 - 1, about 24.8 days). */
export const longestDelay = 2_147_483_647;

/** Real timers, where a delay of `never` sets none (a plain setTimeout would fire at once). */
export const systemClock: Clock = {
  setTimeout(fn, ms) {
    return ms === never ? undefined : globalThis.setTimeout(fn, Math.min(ms, longestDelay));
  },
  clearTimeout(id) {
    globalThis.clearTimeout(id);
  },
};
