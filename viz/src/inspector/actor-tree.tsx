/** The tree of actors. Only the visible rows are in the document. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { counted } from '../parts/times.js';
import { ActorRowView } from './actor-row.js';
import { actorRows } from './model/actor-rows.js';
import type { LaneChoice } from './use-lanes.js';
import type { ShownApp } from './use-shown.js';

/** Pixels; keep it equal to the value in inspector.css. */
const rowHeight = 28;

interface ActorTreeProps {
  readonly shown: ShownApp;
  readonly lanes: LaneChoice;
  onActor(session: string): void;
}

export function ActorTree({ shown, lanes, onActor }: ActorTreeProps): ReactNode {
  const { moment, phantoms, actor } = shown;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const selected = actor?.actor.session ?? null;
  const rows = useMemo(
    () => actorRows(moment.actors, phantoms, opened, selected),
    [moment, phantoms, opened, selected],
  );
  const box = useRef<HTMLUListElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const place = rows.findIndex(
    (row) => row.kind === 'actor' && row.moment.actor.session === selected,
  );
  const wanted = useRef<number | null>(null);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = targetOf(event.key, place, rows.length - 1);
    if (to === null) return;
    event.preventDefault();
    // Folded groups are skipped.
    const step = to < place ? -1 : 1;
    for (let index = to; index >= 0 && index < rows.length; index += step) {
      const row = rows[index];
      if (row?.kind !== 'actor') continue;
      wanted.current = index;
      onActor(row.moment.actor.session);
      virtual.scrollToIndex(index);
      return;
    }
  };
  const onToggle = (key: string) =>
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  const { sessions } = lanes.lanes;
  return (
    <section className="inspector-tree" aria-label="Actors">
      <h2>
        Actors <span className="inspector-count">{counted(moment.actors.length)}</span>
        {lanes.isChosen && (
          <button type="button" className="plain" onClick={lanes.reset}>
            Usual lines
          </button>
        )}
      </h2>
      <ul ref={box} className="inspector-actors" onKeyDown={onKeyDown}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const key = row.kind === 'actor' ? row.moment.actor.session : row.key;
          return (
            <ActorRowView
              key={key}
              row={row}
              top={start}
              isSelected={index === place}
              hasLane={row.kind === 'actor' && sessions.includes(row.moment.actor.session)}
              isPhantom={row.kind === 'actor' && phantoms.has(row.moment.actor)}
              takesFocus={wanted.current === index}
              onFocused={() => {
                wanted.current = null;
              }}
              onActor={onActor}
              onLane={lanes.toggle}
              onToggle={onToggle}
            />
          );
        })}
        <li
          className="inspector-space"
          aria-hidden="true"
          style={{ height: virtual.getTotalSize() }}
        />
      </ul>
    </section>
  );
}

/** The row for a key; null for other keys. */
function targetOf(key: string, place: number, last: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return place + 1;
    case 'ArrowUp':
      return place - 1;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
