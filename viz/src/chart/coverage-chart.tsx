/** The registration chart with a coverage. */
import layout from 'virtual:chart-layout';
import { type ReactNode, useMemo } from 'react';
import type { CoverageCounts } from '../../../machines/index.js';
import { ChartDrawing } from './chart-drawing.js';
import { statesOfConfiguration } from './registration-marks.js';

export interface CoverageChartProps {
  readonly counts: CoverageCounts;
  /** Ids of selected edges. */
  readonly selected: ReadonlySet<string>;
  onSelectEdge(edge: string): void;
}

const none: ReadonlySet<string> = new Set();

export function CoverageChart({ counts, selected, onSelectEdge }: CoverageChartProps): ReactNode {
  const visits = useMemo(() => visitsOf(counts), [counts]);
  return (
    <ChartDrawing
      layout={layout}
      name="Registration chart with its coverage"
      active={none}
      taken={null}
      counts={counts.transitions}
      visits={visits}
      selected={selected}
      countdown={null}
      path={null}
      onSelectEdge={onSelectEdge}
    />
  );
}

/** Visits of each state. A configuration counts for its state in each region. */
function visitsOf({ states }: CoverageCounts): Map<string, number> {
  const visits = new Map<string, number>();
  for (const [configuration, times] of states) {
    for (const state of statesOfConfiguration(configuration))
      visits.set(state, (visits.get(state) ?? 0) + times);
  }
  return visits;
}
