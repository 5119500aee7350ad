import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useRef } from 'react';
import type { SessionSummary } from '../../../machines/index.js';
import { lasted } from '../state/session-index.js';
import { SessionRow } from './session-row.js';

/** Pixels; the same in sessions.css. */
const rowHeight = 44;

interface SessionListProps {
  readonly sessions: readonly SessionSummary[];
  readonly selected: string | null;
  /** The gate's clock; null where no time passes. */
  readonly now: number | null;
  /** Keeps the selected session in sight. */
  readonly follow: boolean;
  /** Somebody chose a session. */
  onSelect(session: string): void;
  /** A row was pressed; its session is selected already. */
  onPress(): void;
  /** Somebody scrolled: the list is theirs now. */
  onScroll(): void;
  /** Somebody pressed Enter on the selected session. */
  onEnter(): void;
}

const optionId = (session: string) => `session-${session}`;

/** The sessions as a list box. Only the rows in sight are there, however many sessions there are. */
export function SessionList(props: SessionListProps) {
  const { sessions, selected, now, follow, onSelect, onPress, onScroll, onEnter } = props;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sessions.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    getItemKey: useCallback((index: number) => sessions[index]?.session ?? index, [sessions]),
  });
  const place = sessions.findIndex(({ session }) => session === selected);

  useEffect(() => {
    if (follow && place >= 0) virtual.scrollToIndex(place);
  }, [follow, place, virtual]);

  const press = useCallback(
    (session: string) => {
      onSelect(session);
      onPress();
    },
    [onSelect, onPress],
  );

  const goTo = (index: number) => {
    const to = Math.max(0, Math.min(sessions.length - 1, index));
    const session = sessions[to]?.session;
    if (session === undefined) return;
    onSelect(session);
    virtual.scrollToIndex(to);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    const to = targetOf(event.key, place, sessions.length - 1, page);
    if (to === null && event.key !== 'Enter') return;
    event.preventDefault();
    if (to === null) onEnter();
    else goTo(to);
  };

  const rows = virtual.getVirtualItems();
  const inSight = rows.some(({ index }) => index === place);
  return (
    <div
      ref={box}
      className="session-list"
      role="listbox"
      aria-label="Sessions"
      aria-activedescendant={inSight && selected !== null ? optionId(selected) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onWheel={onScroll}
      onTouchMove={onScroll}
      onPointerDown={(event) => {
        // The scroll bar is the box itself; a row is not.
        if (event.target === box.current) onScroll();
      }}
    >
      <div role="presentation" className="session-rows" style={{ height: virtual.getTotalSize() }}>
        {rows.map(({ index, start, key }) => {
          const summary = sessions[index];
          return (
            summary && (
              <SessionRow
                key={key}
                id={optionId(summary.session)}
                summary={summary}
                elapsed={lasted(summary, now)}
                selected={index === place}
                index={index}
                count={sessions.length}
                top={start}
                onPress={press}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** The row a key leads to; null for a key that leads to none. */
function targetOf(key: string, place: number, last: number, page: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return place + 1;
    case 'ArrowUp':
      return place - 1;
    case 'PageDown':
      return place + page;
    case 'PageUp':
      return place - page;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
