/** The timers of the platform as they were when this module was loaded: tests replace those of their process, and then they stand still. */

const { setTimeout: later, clearTimeout: clear } = globalThis;
const clock = performance.now.bind(performance);

export type Timer = ReturnType<typeof setTimeout>;

/**
 * Starts a timer.
 * @param delay in milliseconds
 * @param keepsAlive whether it keeps a process alive
 */
export function startTimer(work: () => void, delay: number, keepsAlive = false): Timer {
  const timer = later(work, delay);
  // Browsers have numbers.
  if (!keepsAlive) (timer as { unref?: () => void }).unref?.();
  return timer;
}

export function stopTimer(timer: Timer | null): void {
  clear(timer ?? undefined);
}

/** Milliseconds since some time. */
export function elapsed(): number {
  return clock();
}
