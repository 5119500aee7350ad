import { type ReactNode, useEffect, useMemo } from 'react';
import type { EdgeStatus } from '../../../machines/engine/learning/overlay.js';
import { ChartDrawing, useLayout } from '../chart/index.js';
import { NotOpen } from '../parts/not-open.js';
import { visible } from '../parts/visible.js';
import { usePage } from '../state/store.js';
import { drawnOverlay } from './drawn-overlay.js';
import './learned.css';
import { pickEdge, pickNothing, usePicked } from './picked.js';
import { type LearnedInView, useLearned } from './use-learned.js';
import { WitnessPane } from './witness-pane.js';

const none: ReadonlySet<string> = new Set();

/** The chart of a learned machine over its figure, and the session of the selected edge; without one, how to open one. */
export function LearnedStage({ onOpen }: { onOpen(): void }): ReactNode {
  const shown = useLearned();
  const name = usePage((state) => state.view.learned);
  const title = shown ? `Learned machine ${visible(shown.opened.name)}` : 'Learned machine';
  useEffect(() => {
    document.title = `${title} - ixgate`;
  }, [title]);
  if (!shown) {
    return (
      <NotOpen what="learned machine" name={name} file="a learned machine" onOpen={onOpen}>
        Drop its file on the page, or open it. <code>ixgate learn --out FILE</code> writes one.
      </NotOpen>
    );
  }
  return (
    <div className="page-stage learned-stage">
      <section className="learned-bar" aria-label="Legend">
        <h2>{title}</h2>
        <ul>
          <Sample status="agrees">agrees</Sample>
          <Sample status="missing">missing: expected only</Sample>
          <Sample status="different">different or extra</Sample>
          <Sample status="unseen">not observed</Sample>
          <li>
            <span className="learned-clock">start</span>
            <span className="learned-clock">keep</span>
            <span className="learned-clock">stop</span> of the clock
          </li>
        </ul>
      </section>
      <Drawing key={shown.opened.name} {...shown} />
    </div>
  );
}

function Drawing(shown: LearnedInView): ReactNode {
  const { opened, overlay } = shown;
  const drawn = useMemo(() => drawnOverlay(overlay), [overlay]);
  const chart = useMemo(() => ({ tree: drawn.tree, key: JSON.stringify(drawn.tree) }), [drawn]);
  const layout = useLayout(chart);
  const picked = usePicked(shown);
  const selected = useMemo(() => {
    const groups = [...drawn.edges].filter(([, edges]) =>
      edges.some((edge) => picked?.edges.includes(edge)),
    );
    return new Set(groups.map(([id]) => id));
  }, [drawn, picked]);
  const last = picked?.edges.at(-1);
  const group = [...drawn.edges.values()].find((edges) => last && edges.includes(last));
  return (
    <>
      <section className="learned-chart" aria-label="Chart">
        {layout === null ? (
          <p className="loading">Laying out the chart ...</p>
        ) : 'problem' in layout ? (
          <p className="loading tone bad">The chart cannot be drawn: {layout.problem}</p>
        ) : (
          <ChartDrawing
            layout={layout}
            name={`Chart of ${visible(opened.name)} over its figure`}
            active={none}
            taken={null}
            counts={null}
            statuses={drawn.statuses}
            selected={selected}
            countdown={null}
            path={null}
            onSelectEdge={(id) => {
              const edge = drawn.edges.get(id)?.[0];
              if (selected.has(id) || !edge) pickNothing();
              else pickEdge(shown, edge);
            }}
          />
        )}
      </section>
      {picked && (
        <WitnessPane
          file={opened.file}
          picked={picked}
          beside={group ?? []}
          onEdge={(edge) => pickEdge(shown, edge)}
          onClose={pickNothing}
        />
      )}
    </>
  );
}

function Sample({ status, children }: { status: EdgeStatus; children: ReactNode }) {
  return (
    <li>
      <svg
        className={`learned-sample chart-edge ${status}`}
        viewBox="0 0 32 14"
        width="32"
        height="14"
        aria-hidden="true"
      >
        <path className="chart-line" d="M1,7H24" />
        <path className="chart-head" d="M31,7l-8,-4v8z" />
      </svg>
      {children}
    </li>
  );
}
