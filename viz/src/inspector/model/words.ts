/** Sentences of the ladder. */
import type { LadderGap } from '../../../../machines/engine/inspection/ladder.js';
import { counted } from '../../parts/times.js';

export function gapWords({ missing }: Pick<LadderGap, 'missing'>): string {
  if (missing === null) return 'The app connected again: messages may be missing here';
  return missing === 1
    ? '1 message is missing here'
    : `${counted(missing)} messages are missing here`;
}

export function forgottenWords(count: number): string {
  return count === 1 ? '1 older event was dropped' : `${counted(count)} older events were dropped`;
}
