/**
 * How much of a large proof runs. Files named `x.sampled.test.ts` run twice: `npm test` takes a part, `npm run test:full` everything, where the
 * project sets `IXGATE_FULL`.
 */
export const isFull = process.env.IXGATE_FULL === '1';

/** @returns how many of so many random cases run: all, or a fifth */
export function sampleSize(all: number): number {
  return isFull ? all : Math.ceil(all / 5);
}

/** @returns the places that are tried: all, or every 25th and the last */
export function sampleOf<Place>(all: readonly Place[]): Place[] {
  return isFull ? [...all] : all.filter((_, at) => at % 25 === 0 || at === all.length - 1);
}
