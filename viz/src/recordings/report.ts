import type { RecordingGap, StepRecord } from '../../../machines/index.js';
import { show, usePage } from '../state/store.js';
import { open } from './open-recording.js';

/** Opens the session that `ixgate report` has put into this page; false when there is none in it. */
export function openReport(): boolean {
  const text = document.getElementById('ixgate-report')?.textContent?.trim();
  if (!text) return false;
  const { view } = usePage.getState();
  const { steps, gaps } = JSON.parse(text) as {
    readonly steps: readonly StepRecord[];
    readonly gaps?: readonly RecordingGap[];
  };
  open('report', steps, gaps);
  if (view.session !== null) show(view);
  return true;
}
