import { type Criterion, parseCriterion } from '../../../machines/engine/testgen/criteria.js';
import { UsageError } from '../exit-codes.js';

/** Reads `--criterion`. @throws {UsageError} */
export function criterionFrom(text: string): Criterion {
  try {
    return parseCriterion(text);
  } catch (cause) {
    throw new UsageError(`--criterion: ${(cause as Error).message}`, { cause });
  }
}
