/** All elements of a drawn chart with its marks. It has no state, so that it can also be rendered as text. */
import type { ReactNode } from 'react';
import type { ChartLayout, PlacedState } from '../../layout/chart-layout.js';
import { EdgeBadges, EdgeLabel, EdgeLine, type EdgeMarks, weight } from './edge-marks.js';
import { type ChartMarks, type Countdown, pathNumbers, withAncestors } from './marks.js';
import { StateBox } from './state-box.js';

export interface SceneProps extends ChartMarks {
  readonly layout: ChartLayout;
  /** Draws the countdown in the box of its state. */
  countdownOf(state: PlacedState, countdown: Countdown): ReactNode;
  /** Without it there are no buttons and no animation. */
  readonly onSelectEdge?: ((edge: string) => void) | undefined;
}

export function Scene(props: SceneProps): ReactNode {
  const { layout, taken, countdown, onSelectEdge } = props;
  const active = withAncestors(layout, props.active);
  const marks = edgeMarks(props);
  const names = new Map(layout.states.map(({ id, key }) => [id, key]));
  const takenEdges = marks.filter((mark) => mark.taken);
  return (
    <>
      {layout.states.map((state) => (
        <StateBox
          key={state.id}
          state={state}
          active={active.has(state.id)}
          visits={props.visits?.get(state.id) ?? null}
          status={props.statuses?.get(state.id)}
          countdown={countdown?.state === state.id ? props.countdownOf(state, countdown) : null}
        />
      ))}
      {layout.dividers.map(({ x, top, bottom }) => (
        <path key={`${x} ${top}`} className="chart-divider" d={`M${x},${top}V${bottom}`} />
      ))}
      {marks
        .toSorted((a, b) => weight(a) - weight(b))
        .map((mark) => (
          <EdgeLine key={mark.edge.id} {...mark} />
        ))}
      {onSelectEdge &&
        takenEdges.map(({ edge }) => (
          <path
            key={`${taken?.seq} ${edge.id}`}
            className="chart-traveller"
            d={edge.path}
            pathLength={1}
          />
        ))}
      {marks.map((mark) => (
        <EdgeLabel
          key={mark.edge.id}
          {...mark}
          from={names.get(mark.edge.source) ?? mark.edge.source}
          to={names.get(mark.edge.target) ?? mark.edge.target}
          onSelect={onSelectEdge}
        />
      ))}
      {marks.map((mark) => (
        <EdgeBadges key={mark.edge.id} {...mark} />
      ))}
    </>
  );
}

function edgeMarks({
  layout,
  counts,
  visits,
  taken,
  selected,
  path,
  ...props
}: SceneProps): EdgeMarks[] {
  const { countsAreComplete = true, statuses } = props;
  const missing = countsAreComplete && !visits ? 0 : null;
  const numbers = pathNumbers(layout, path ?? []);
  return layout.edges.map((edge) => ({
    edge,
    count: counts && (counts.get(edge.id) ?? missing),
    isCountComplete: countsAreComplete,
    coverage: Boolean(visits),
    status: statuses?.get(edge.id),
    taken: taken?.edges.includes(edge.id) ?? false,
    selected: selected.has(edge.id),
    numbers: numbers.get(edge.id) ?? [],
  }));
}
