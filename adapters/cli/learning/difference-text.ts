import type { Difference } from '../../../machines/engine/learning/differences.js';

/**
 * A difference in one line.
 * @param sides the names of both machines
 */
export function differenceTitle(
  { kind, expectedState, observedState, input, expected, observed }: Difference,
  [one, other]: readonly [one: string, other: string],
): string {
  const states =
    expectedState === observedState ? expectedState : `${expectedState} / ${observedState}`;
  const clock = kind === 'clock' ? 'clock of ' : '';
  return `${clock}${input} in ${states}: ${one} ${expected}, ${other} ${observed}`;
}
