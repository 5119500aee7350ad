import { type Criterion, parseCriterion } from '../../../machines/index.js';
import { UsageError } from '../exit-codes.js';

/** Reads `--criterion`. @throws {UsageError} */
export function criterionFrom(text: string): Criterion {
  try {
    return parseCriterion(text);
  } catch (cause) {
    throw new UsageError(`--criterion: ${(cause as Error).message}`, { cause });
  }
}
