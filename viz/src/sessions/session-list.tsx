import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SessionSummary } from '../../../machines/index.js';
import { lasted } from '../state/session-index.js';
import { foldProxies } from './fold-proxies.js';
import { SessionRow } from './session-row.js';

/** Pixels; keep it equal to the value in sessions.css. */
const rowHeight = 44;

interface SessionListProps {
  readonly sessions: readonly SessionSummary[];
  readonly selected: string | null;
  /** The gate's clock; null for recordings. */
  readonly now: number | null;
  /** Whether to keep the selected session in view. */
  readonly follow: boolean;
  /** The user selected a session. */
  onSelect(session: string): void;
  /** The user pressed a row; its session is already selected. */
  onPress(): void;
  /** The user scrolled, so the list must not scroll by itself. */
  onScroll(): void;
  /** The user pressed Enter on the selected session. */
  onEnter(): void;
}

const optionId = (session: string) => `session-${session}`;

/** The sessions as a list box. Only the visible rows are in the document. */
export function SessionList(props: SessionListProps) {
  const { sessions: all, selected, now, follow, onSelect, onPress, onScroll, onEnter } = props;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const carrier = all.find(({ session }) => session === selected)?.carrier;
  // The selected session is always shown.
  const open = useMemo(
    () => (carrier === undefined ? opened : new Set([...opened, carrier])),
    [opened, carrier],
  );
  const { rows: sessions, clients } = useMemo(() => foldProxies(all, open), [all, open]);
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

  const fold = useCallback(
    (session: string, isOpen: boolean) => {
      setOpened((before) => {
        const after = new Set(before);
        if (isOpen) after.add(session);
        else after.delete(session);
        return after;
      });
      // A selected client would keep its proxy open.
      if (!isOpen && carrier === session) onSelect(session);
    },
    [carrier, onSelect],
  );

  /** The proxy that an arrow key opens or folds; null for none. */
  const foldedBy = (key: string): string | null => {
    if (selected === null) return null;
    if (key === 'ArrowRight') return clients.has(selected) && !open.has(selected) ? selected : null;
    if (key !== 'ArrowLeft') return null;
    if (carrier !== undefined && clients.has(carrier)) return carrier;
    return clients.has(selected) && open.has(selected) ? selected : null;
  };

  const goTo = (index: number) => {
    const to = Math.max(0, Math.min(sessions.length - 1, index));
    const session = sessions[to]?.session;
    if (session === undefined) return;
    onSelect(session);
    virtual.scrollToIndex(to);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const proxy = foldedBy(event.key);
    if (proxy !== null) {
      event.preventDefault();
      fold(proxy, event.key === 'ArrowRight');
      return;
    }
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
        // Only a press on the scroll bar has the box itself as its target.
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
                clients={clients.get(summary.session) ?? 0}
                isOpen={open.has(summary.session)}
                isCarried={summary.carrier !== undefined && clients.has(summary.carrier)}
                onFold={fold}
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

/** The row for a key; null for other keys. */
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
