import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { innermostText, valueText } from '../chart/state-value.js';
import { timeOfDay, utcTime } from '../parts/times.js';
import { visible, visibleJson } from '../parts/visible.js';
import type { ForeignEvent } from './services.js';

export interface EventListProps {
  readonly events: readonly ForeignEvent[];
  /** Number of events, including dropped ones. */
  readonly count: number;
  /** Index of the selected event; null for the newest. */
  readonly cursor: number | null;
  /** Events that took this edge are marked; null for none. */
  readonly edge: string | null;
  onCursor(cursor: number | null): void;
}

/** The events of a service, newest first. Arrow keys move up and down, Enter opens the content, Escape returns to the newest. */
export function EventList({ events, count, cursor, edge, onCursor }: EventListProps): ReactNode {
  const [open, setOpen] = useState<number | null>(null);
  const newestFirst = events.toReversed();
  const at = cursor ?? newestFirst[0]?.index ?? null;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Escape') onCursor(null);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const place = newestFirst.findIndex(({ index }) => index === at) + step;
    const next = newestFirst[Math.min(Math.max(place, 0), newestFirst.length - 1)];
    if (!next) return;
    onCursor(next.index);
    const rows = event.currentTarget.querySelectorAll<HTMLElement>('button');
    rows[newestFirst.indexOf(next)]?.focus();
  };
  return (
    <aside className="foreign-events" aria-label="Events">
      <h2>
        Events <span className="foreign-count">{count}</span>
        {cursor !== null && (
          <button type="button" className="plain" onClick={() => onCursor(null)}>
            Newest
          </button>
        )}
      </h2>
      {events.length === 0 && <p className="foreign-none">No events yet.</p>}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the buttons in it */}
      <div className="foreign-rows" onKeyDown={onKeyDown}>
        {newestFirst.map((event) => (
          <div
            key={event.index}
            className={[
              'foreign-event',
              event.index === at && 'at',
              edge !== null && event.edges.includes(edge) && 'selected',
            ]
              .filter(Boolean)
              .join(' ')}
          >
            <button
              type="button"
              aria-current={event.index === at}
              aria-expanded={open === event.index}
              tabIndex={event.index === at ? 0 : -1}
              onClick={() => {
                onCursor(event.index);
                setOpen(open === event.index ? null : event.index);
              }}
            >
              <span className="foreign-time" title={utcTime(event.at)}>
                {timeOfDay(event.at, true)}
              </span>
              <span className="foreign-name">{visible(event.name)}</span>
              <span className="foreign-value" title={valueText(event.value)}>
                {innermostText(event.value)}
              </span>
            </button>
            {open === event.index && (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
              <pre tabIndex={0}>{content(event.data)}</pre>
            )}
          </div>
        ))}
      </div>
      {count > events.length && (
        <p className="foreign-none">{count - events.length} older events were dropped.</p>
      )}
    </aside>
  );
}

/** Maximum number of characters of a content. */
const longestContent = 20_000;

function content(data: unknown): string {
  const text = visibleJson(JSON.stringify(data, null, 2) ?? 'nothing');
  return text.length > longestContent
    ? `${text.slice(0, longestContent)}\n... cut off: ${text.length} characters in total`
    : text;
}
