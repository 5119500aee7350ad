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
  const taken = useMemo(() => takenOf(counts), [counts]);
  return (
    <ChartDrawing
      layout={layout}
      name="Registration chart with its coverage"
      active={none}
      taken={null}
      counts={taken}
      visits={visits}
      selected={selected}
      countdown={null}
      path={null}
      onSelectEdge={onSelectEdge}
    />
  );
}

/** How often each edge was taken. */
function takenOf({ transitions }: CoverageCounts): Map<string, number> {
  return new Map(layout.edges.map(({ id }) => [id, transitions.get(id) ?? 0]));
}

/** Visits of each state. A configuration counts for its state in each region. */
function visitsOf({ states }: CoverageCounts): Map<string, number> {
  const visits = new Map(layout.states.map(({ id }) => [id, 0]));
  for (const [configuration, times] of states) {
    for (const state of statesOfConfiguration(configuration))
      visits.set(state, (visits.get(state) ?? 0) + times);
  }
  return visits;
}
