import { useMemo } from 'react';
import { type Listing, sortOf } from '../state/session-index.js';
import { listedIndex, usePage } from '../state/store.js';

/**
 * The sessions that the view's filter, sort and recording ask for.
 * @param now the gate's clock, which counts only for the order by duration
 */
export function useListing(now: number | null): Listing {
  const index = usePage(listedIndex);
  const revision = usePage((state) => state.revision);
  const { filter, verdict, state, type, sort } = usePage((page) => page.view);
  const at = sortOf(sort).key === 'duration' ? now : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the index is one object for ever; revision counts its changes.
  return useMemo(
    () => index.list({ filter, verdict, state, type, sort, now: at }),
    [index, revision, filter, verdict, state, type, sort, at],
  );
}
