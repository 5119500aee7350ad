import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react';
import type { ShownChart, ViewProps } from '../../../adapters/element/view-module.js';
import { ChartDrawing } from '../chart/chart-drawing.js';
import { activeStates } from '../chart/state-value.js';
import { useLayout } from '../chart/use-layout.js';
import { visible } from '../parts/visible.js';

const none: ReadonlySet<string> = new Set();

/** The chart with its theme, or why there is none. */
export function Statechart({ chart, theme, ...props }: ViewProps): ReactNode {
  return (
    <div className="view" data-theme={theme}>
      {chart && 'problem' in chart ? (
        <Problem text={chart.problem} />
      ) : chart ? (
        <DrawnChart key={chart.key} chart={chart} {...props} />
      ) : null}
    </div>
  );
}

interface DrawnChartProps extends Omit<ViewProps, 'chart' | 'theme'> {
  readonly chart: ShownChart;
}

function DrawnChart({ chart, value, taken, onSelect }: DrawnChartProps): ReactNode {
  const { tree, name } = chart;
  const layout = useLayout(chart);
  const [edge, setEdge] = useState<string | null>(null);
  const active = useMemo(
    () => (value === undefined ? none : activeStates(tree.root, value)),
    [tree, value],
  );
  const selected = useMemo(() => (edge === null ? none : new Set([edge])), [edge]);
  if (layout === null) return <p className="view-note">Laying out the chart ...</p>;
  if ('problem' in layout) return <Problem text={layout.problem} />;
  const select = (id: string | null) => {
    setEdge(id);
    onSelect(id);
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Escape' && edge !== null) select(null);
  };
  const chosen = tree.edges.find(({ id }) => id === edge);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the key works wherever the focus is in the chart
    <div className="view-chart" onKeyDown={onKeyDown}>
      <ChartDrawing
        layout={layout}
        name={`Chart of ${visible(name)}`}
        isEmbedded
        active={active}
        taken={taken}
        counts={null}
        selected={selected}
        countdown={null}
        path={null}
        onSelectEdge={(id) => select(id === edge ? null : id)}
      />
      {chosen && <p className="view-edge">{visible(chosen.description)}</p>}
    </div>
  );
}

function Problem({ text }: { readonly text: string }): ReactNode {
  return (
    <p className="view-note tone bad" role="alert">
      The chart cannot be drawn: {visible(text, 500)}
    </p>
  );
}
