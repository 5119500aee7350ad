/** Runs a property over many interleavings; a failed one can be repeated from its output. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { isFull, sampleSize } from '../support/sampling.js';

const { IXGATE_SEED: seed, IXGATE_PATH: path } = process.env;

/** Whether only some interleavings run (`npm test`), or one is repeated: then not every outcome is seen. */
export const isPartial = path !== undefined || !isFull;

/**
 * Prints nothing while the property holds. With `IXGATE_SEED` in the environment it runs the same interleavings again, with
 * `IXGATE_PATH` only the failed one.
 * @param runs number of interleavings; `npm test` runs a part of them
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

/** Why a property fails, and how to repeat it; null if it holds. */
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
