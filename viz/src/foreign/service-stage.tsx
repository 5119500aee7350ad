/** One service: its chart and its events. */
import { type ReactNode, useState } from 'react';
import { ChartDrawing, useLayout } from '../chart/index.js';
import { visible } from '../parts/visible.js';
import { EventList } from './event-list.js';
import type { ForeignService } from './services.js';

const none: ReadonlySet<string> = new Set();

export function ServiceStage({ service }: { readonly service: ForeignService }): ReactNode {
  const { machine, events, counts, count } = service;
  const layout = useLayout(machine);
  /** Index of the selected event; null for the newest. */
  const [cursor, setCursor] = useState<number | null>(null);
  const [edge, setEdge] = useState<string | null>(null);
  const event = events.find(({ index }) => index === cursor) ?? events.at(-1) ?? null;
  const looksBack = cursor !== null && event?.index === cursor;
  return (
    <>
      <div className="foreign-chart">
        {layout === null ? (
          <p className="foreign-none">Laying out the chart ...</p>
        ) : 'problem' in layout ? (
          <p className="foreign-none tone bad">The chart cannot be drawn: {layout.problem}</p>
        ) : (
          <ChartDrawing
            layout={layout}
            name={`Chart of ${visible(service.name)}`}
            active={looksBack ? event.active : service.active}
            taken={
              event && event.edges.length > 0 ? { edges: event.edges, seq: event.index } : null
            }
            counts={counts}
            selected={edge === null ? none : new Set([edge])}
            countdown={null}
            path={null}
            onSelectEdge={(chosen) => setEdge(chosen === edge ? null : chosen)}
          />
        )}
      </div>
      <EventList
        events={events}
        count={count}
        cursor={looksBack ? cursor : null}
        edge={edge}
        onCursor={setCursor}
      />
    </>
  );
}
