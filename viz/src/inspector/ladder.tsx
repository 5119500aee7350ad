/** One ladder of all actors: a line for each, and a row for each event. Only the visible rows are in the document. */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react';
import { visible } from '../parts/visible.js';
import { LadderRow } from './ladder-row.js';
import { LaneHeads, LaneLines } from './lane-lines.js';
import type { Lanes } from './model/lanes.js';
import { type Cursor, previousEvents } from './model/moment.js';
import { forgottenWords } from './model/words.js';
import type { ShownApp } from './use-shown.js';

/** Pixels; keep them equal to the values in ladder.css. */
const rowHeight = 32;
const headHeight = 28;

interface LadderProps {
  readonly shown: ShownApp;
  readonly lanes: Lanes;
  /** Numbers of the entries that match the search; null without one. */
  readonly matches: readonly number[] | null;
  onCursor(cursor: Cursor): void;
}

const rowId = (number: number) => `ladder-row-${number}`;

export function Ladder({ shown, lanes, matches, onCursor }: LadderProps): ReactNode {
  const { app, entries, moment } = shown;
  const { cursor } = moment;
  const { forgotten } = app.ladder;
  const previous = useMemo(() => previousEvents(entries), [entries]);
  const matching = useMemo(() => new Set(matches ?? []), [matches]);
  const box = useRef<HTMLDivElement>(null);
  const top = forgotten > 0 ? 1 : 0;
  const virtual = useVirtualizer({
    count: entries.length + top,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });
  const at = moment.entry?.number ?? null;
  const index = at === null ? -1 : at - (entries[0]?.number ?? 1) + top;

  // Without a cursor the view follows the newest event until the user scrolls away.
  const follows = useRef(true);
  useEffect(() => {
    if (cursor === null) follows.current = true;
  }, [cursor]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the index also changes when older events are forgotten
  useEffect(() => {
    if (index < 0 || (cursor === null && !follows.current)) return;
    virtual.scrollToIndex(index, { align: cursor === null ? 'end' : 'auto' });
  }, [cursor, at]);
  // Rows that the user looks at stay in place when older ones are forgotten.
  const gone = useRef(forgotten);
  useLayoutEffect(() => {
    const moved = (forgotten - gone.current) * rowHeight;
    gone.current = forgotten;
    const isKept = cursor !== null || !follows.current;
    if (moved > 0 && isKept && box.current) box.current.scrollTop -= moved;
  }, [forgotten, cursor]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 2);
    const to = targetOf(event.key, index - top, entries.length - 1, page);
    if (to === undefined) return;
    event.preventDefault();
    onCursor(to === null ? null : (entries[to]?.number ?? null));
  };
  const isInSight = virtual.getVirtualItems().some((item) => item.index === index);
  return (
    <div
      ref={box}
      className="ladder-all"
      role="listbox"
      aria-label={`Events of ${visible(app.name, 80)}`}
      aria-activedescendant={isInSight && at !== null ? rowId(at) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < 2 * rowHeight;
      }}
    >
      <LaneHeads app={app} lanes={lanes} />
      <div role="presentation" className="ladder-body" style={{ height: virtual.getTotalSize() }}>
        <LaneLines lanes={lanes} />
        {virtual.getVirtualItems().map((item) => {
          const y = item.start - headHeight;
          const entry = entries[item.index - top];
          if (item.index < top) {
            return (
              <div key="forgotten" className="ladder-line whole" style={{ translate: `0 ${y}px` }}>
                {forgottenWords(forgotten)}
              </div>
            );
          }
          return (
            entry && (
              <LadderRow
                key={entry.number}
                id={rowId(entry.number)}
                app={app}
                lanes={lanes}
                entry={entry}
                previous={previous[item.index - top] ?? null}
                y={y}
                isAtCursor={entry.number === at}
                isMatch={matching.has(entry.number)}
                place={item.index + 1}
                count={entries.length + top}
                onCursor={onCursor}
              />
            )
          );
        })}
      </div>
      {entries.length === 0 && forgotten === 0 && (
        <p className="inspector-none">No events so far.</p>
      )}
    </div>
  );
}

/** The index for a key; null for the newest event (live), undefined for other keys. */
function targetOf(key: string, at: number, last: number, page: number): number | null | undefined {
  const within = (index: number) => Math.max(0, Math.min(last, index));
  switch (key) {
    case 'ArrowDown':
      return at >= last ? null : within(at + 1);
    case 'ArrowUp':
      return within(at - 1);
    case 'PageDown':
      return at + page > last ? null : within(at + page);
    case 'PageUp':
      return within(at - page);
    case 'Home':
      return 0;
    case 'End':
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}
