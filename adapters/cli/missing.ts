import { gapSentence } from '../../machines/index.js';
import type { RecordingFile } from '../web/index.js';

/** What a recording does not have, one line for each kind, to stand before what a command prints. */
export function missingLines({ path, torn, gaps }: Omit<RecordingFile, 'steps'>): string {
  const missing = gapSentence(gaps);
  const lines = [
    ...(missing === null ? [] : [`${path}: ${missing}\n`]),
    ...(torn ? [`${path}: the last line is cut off; it is left out\n`] : []),
  ];
  return lines.join('');
}

/** How many steps its gap marks stand for. */
export function missingSteps({ gaps }: Pick<RecordingFile, 'gaps'>): number {
  return gaps.reduce((sum, { steps }) => sum + steps, 0);
}
