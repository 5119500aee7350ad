/** A chart with pan, zoom, fit and keyboard. It draws any layout with any marks. */
import { type FocusEvent, type ReactNode, useId, useMemo, useRef } from 'react';
import type { ChartLayout } from '../../layout/chart-layout.js';
import type { Box } from '../../layout/measure.js';
import './drawing.css';
import './chart.css';
import { RunningCountdown } from './countdown.js';
import { activeWords, type ChartMarks, withAncestors } from './marks.js';
import { Scene } from './scene.js';
import { useView } from './use-view.js';

export interface ChartDrawingProps extends ChartMarks {
  readonly layout: ChartLayout;
  /** The chart's name for screen readers. */
  readonly name: string;
  /** True inside of another page, which still scrolls: the wheel zooms only together with Ctrl or Cmd. */
  readonly isEmbedded?: boolean;
  onSelectEdge(edge: string): void;
}

export function ChartDrawing(props: ChartDrawingProps): ReactNode {
  const { layout, name, isEmbedded = false } = props;
  const hint = useId();
  const pane = useRef<HTMLElement>(null);
  const focus = useFocus(props);
  const { view, dragging, pointer, reveal, ...controls } = useView(pane, layout, focus, isEmbedded);
  const all = controls.showsAll ? 'Zoom to a readable size' : 'Show the whole chart';
  const onFocus = ({ target }: FocusEvent) => {
    const id = target.closest('[data-edge]')?.getAttribute('data-edge');
    const edge = layout.edges.find((candidate) => candidate.id === id);
    if (edge) reveal(edge.labelBox);
  };
  return (
    <section
      ref={pane}
      className="chart"
      aria-label={name}
      aria-describedby={hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move the chart, so the keyboard must reach it
      tabIndex={0}
      onKeyDown={controls.onKeyDown}
    >
      <p id={hint} className="chart-words">
        Arrow keys move the chart, plus and minus zoom, 0 shows the whole chart.
      </p>
      <p className="chart-words" aria-live="polite">
        {!props.visits && activeWords(layout, withAncestors(layout, props.active))}
      </p>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: its elements have names; a title of the whole drawing would pop up everywhere */}
      <svg className={`chart-canvas${dragging ? ' dragging' : ''}`} onFocus={onFocus} {...pointer}>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.k})`}>
          <Scene
            {...props}
            countdownOf={(state, countdown) => (
              <RunningCountdown state={state} countdown={countdown} />
            )}
          />
        </g>
      </svg>
      <div className="chart-buttons">
        <button type="button" aria-label="Zoom out" title="Zoom out (-)" onClick={controls.zoomOut}>
          <Icon path="M3,8H13" />
        </button>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={controls.zoomIn}>
          <Icon path="M3,8H13M8,3V13" />
        </button>
        <button type="button" aria-label={all} title={`${all} (0)`} onClick={controls.toggleAll}>
          <Icon
            path={
              controls.showsAll
                ? 'M6,2V6H2M14,6H10V2M10,14V10H14M2,10H6V14'
                : 'M2,6V2H6M10,2H14V6M14,10V14H10M6,14H2V10'
            }
          />
        </button>
      </div>
    </section>
  );
}

/** The boxes to keep in view: the labels of selected edges; without a selection the last edge and the innermost active states. */
function useFocus({ layout, active, taken, selected }: ChartDrawingProps): readonly Box[] {
  const parents = new Set(layout.states.map(({ parent }) => parent));
  const states = layout.states.filter(({ id }) => active.has(id) && !parents.has(id));
  const edges = (selected.size > 0 ? [...selected] : (taken?.edges ?? [])).join('\n');
  const names = selected.size > 0 ? '' : states.map(({ id }) => id).join('\n');
  return useMemo(() => {
    const [wantedEdges, wantedStates] = [edges.split('\n'), names.split('\n')];
    const labels = layout.edges.filter(({ id }) => wantedEdges.includes(id));
    const boxes = layout.states.filter(({ id }) => wantedStates.includes(id));
    return [...labels.map(({ labelBox }) => labelBox), ...boxes];
  }, [layout, edges, names]);
}

function Icon({ path }: { readonly path: string }): ReactNode {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
