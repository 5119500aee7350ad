/** Where a key takes the cursor. */
import type { Cursor, StepRecord } from '../state/contracts.js';

const page = 10;

/** The cursor after a key; undefined for a key that does not move it. The last step is null: it stays the newest. */
export function moved(
  key: string,
  steps: readonly StepRecord[],
  at: number | null,
): Cursor | undefined {
  const last = steps.length - 1;
  if (last < 0) return undefined;
  const here = steps.findIndex(({ seq }) => seq === at);
  const from = here === -1 ? last : here;
  const to = {
    ArrowUp: from - 1,
    ArrowDown: from + 1,
    PageUp: from - page,
    PageDown: from + page,
    Home: 0,
    End: last,
  }[key];
  if (to === undefined) return undefined;
  const within = Math.min(last, Math.max(0, to));
  return within === last ? null : (steps[within]?.seq ?? null);
}
