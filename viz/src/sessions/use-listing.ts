import { useMemo } from 'react';
import { listedIndex, usePage } from '../store.js';
import type { Listing } from './session-index.js';

/** The sessions that the view's filter, sort and recording ask for. */
export function useListing(): Listing {
  const index = usePage(listedIndex);
  const revision = usePage((state) => state.revision);
  const { filter, verdict, state, type, sort } = usePage((page) => page.view);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the index is one object for ever; revision counts its changes.
  return useMemo(
    () => index.list({ filter, verdict, state, type, sort }),
    [index, revision, filter, verdict, state, type, sort],
  );
}
