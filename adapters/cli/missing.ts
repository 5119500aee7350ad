import { gapSentence } from '../../machines/registration/session/gap-mark.js';
import type { RecordingFile } from '../web/index.js';

/** Lines about missing parts of a recording, to print first. */
export function missingLines({ path, torn, gaps }: Omit<RecordingFile, 'steps'>): string {
  const missing = gapSentence(gaps);
  const lines = [
    ...(missing === null ? [] : [`${path}: ${missing}\n`]),
    ...(torn ? [`${path}: the last line is cut off; it is left out\n`] : []),
  ];
  return lines.join('');
}

/** The number of steps that its gap marks replace. */
export function missingSteps({ gaps }: Pick<RecordingFile, 'gaps'>): number {
  return gaps.reduce((sum, { steps }) => sum + steps, 0);
}
