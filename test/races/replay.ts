/** Runs a property over many interleavings; one that failed can be run again from what it printed. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { isFull, sampleSize } from '../support/sampling.js';

const { IXGATE_SEED: seed, IXGATE_PATH: path } = process.env;

/** Whether only some interleavings run (`npm test`), or one again: then not every outcome is seen. */
export const isPartial = path !== undefined || !isFull;

/**
 * Prints nothing while the property holds. With `IXGATE_SEED` in the environment the same interleavings are tried again, with
 * `IXGATE_PATH` too only the one that failed.
 * @param runs interleavings that are tried; `npm test` tries a part.
 */
export async function overInterleavings<Given>(
  property: fc.IAsyncProperty<Given>,
  runs: number,
): Promise<void> {
  const failure = await failureOf(property, {
    numRuns: sampleSize(runs),
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path }),
  });
  if (failure) throw failure;
}

/** Why a property does not hold, and how to see that again; null where it holds. */
export async function failureOf<Given>(
  property: fc.IAsyncProperty<Given>,
  parameters: fc.Parameters<Given>,
): Promise<Error | null> {
  const details = await fc.check(property, parameters);
  if (!details.failed) return null;
  const { currentTestName = '' } = expect.getState();
  // -t takes a regular expression.
  const title = currentTestName
    .split(' > ')
    .join(' ')
    .replace(/[^\w ,:]/g, '.');
  const again = `IXGATE_SEED=${details.seed} IXGATE_PATH=${details.counterexamplePath} npx vitest run test/races -t "${title}"`;
  return new Error(`${fc.defaultReportMessage(details)}\n\nThe same again: ${again}`, {
    cause: details.errorInstance,
  });
}
