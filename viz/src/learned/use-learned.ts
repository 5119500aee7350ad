import { useMemo } from 'react';
import { type Difference, differencesOf } from '../../../machines/engine/learning/differences.js';
import { type Overlay, overlayOf } from '../../../machines/engine/learning/overlay.js';
import { learnedInView, type OpenLearned, usePage } from '../state/store.js';

export interface LearnedInView {
  readonly opened: OpenLearned;
  readonly overlay: Overlay;
  readonly differences: readonly Difference[];
}

/** The learned machine in the view; null when it is not open. */
export function useLearned(): LearnedInView | null {
  const opened = usePage(learnedInView);
  return useMemo(() => {
    if (!opened) return null;
    const { machine, expected, tolerance, differences } = opened.file;
    const figure = expected ?? machine;
    return {
      opened,
      overlay: overlayOf(figure, machine, tolerance),
      differences: differences.length > 0 ? differences : differencesOf(figure, machine, tolerance),
    };
  }, [opened]);
}
