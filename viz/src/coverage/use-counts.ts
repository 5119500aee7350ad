import { useMemo } from 'react';
import {
  type CoverageCounts,
  type CoverageParts,
  coverageParts,
  type SeatName,
} from '../../../machines/index.js';
import { coverageInView, type OpenCoverage, usePage } from '../state/store.js';

export interface CountsInView {
  readonly opened: OpenCoverage;
  /** The seat that is chosen; null for all together. */
  readonly seat: SeatName | null;
  readonly counts: CoverageCounts;
  readonly parts: CoverageParts;
}

/** What is shown of the coverage in the view; null when none of that name is open. */
export function useCounts(): CountsInView | null {
  const opened = usePage(coverageInView);
  const wanted = usePage((state) => state.view.seat);
  return useMemo(() => {
    if (!opened) return null;
    const { coverage } = opened;
    const seat = coverage.seats.find((name) => name === wanted) ?? null;
    const counts = seat === null ? coverage.total : coverage.of(seat);
    return { opened, seat, counts, parts: coverageParts(counts) };
  }, [opened, wanted]);
}
