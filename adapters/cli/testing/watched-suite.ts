import type { Case } from '../../../machines/engine/testgen/suite.js';

/** A suite with a callback for the number of cases that were read. */
export function watchedSuite<Suite extends Iterable<Case>>(
  suite: Suite,
  onCase: (cases: number) => void,
): Suite {
  return {
    ...suite,
    *[Symbol.iterator]() {
      let cases = 0;
      for (const one of suite) {
        yield one;
        cases += 1;
        onCase(cases);
      }
    },
  };
}
