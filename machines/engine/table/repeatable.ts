/** Runs something twice, with other times and other random numbers, to find what depends on them. */

/**
 * Runs a synchronous function with fixed random numbers and a fixed time.
 * @param run 0 or 1: the numbers and the time of the two runs differ
 */
export function withFixedChance<Result>(run: 0 | 1, work: () => Result): Result {
  const { Date: RealDate } = globalThis;
  const { random } = Math;
  const now = [Date.UTC(2001, 1, 3, 4, 5, 6, 7), Date.UTC(2034, 6, 8, 9, 10, 11, 12)][run] ?? 0;
  let drawn = 0;
  Math.random = () => {
    drawn += 1;
    return (run === 0 ? 0.137 : 0.861) * (1 - 1 / (drawn + 2));
  };
  globalThis.Date = class extends RealDate {
    constructor(...args: unknown[]) {
      super(...((args.length === 0 ? [now] : args) as [number]));
    }
    static override now = () => now;
  } as DateConstructor;
  try {
    return work();
  } finally {
    globalThis.Date = RealDate;
    Math.random = random;
  }
}
