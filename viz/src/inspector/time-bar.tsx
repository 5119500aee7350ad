/** The position in time: a slider over the held events, and the way back to the newest. */
import type { ReactNode } from 'react';
import { Icon } from '../parts/icon.js';
import { counted } from '../parts/times.js';
import type { Cursor } from './model/moment.js';
import type { ShownApp } from './use-shown.js';

interface TimeBarProps {
  readonly shown: ShownApp;
  onCursor(cursor: Cursor): void;
}

export function TimeBar({ shown, onCursor }: TimeBarProps): ReactNode {
  const { entries, moment } = shown;
  const { cursor, entry } = moment;
  const first = entries[0]?.number ?? 0;
  const last = entries.at(-1)?.number ?? 0;
  const at = entry?.number ?? last;
  const isLive = cursor === null;
  const words = isLive
    ? `Newest event, ${counted(last)} in all`
    : `Looking at event ${counted(at)} of ${counted(last)}`;
  const goTo = (number: number) => onCursor(Math.max(first, Math.min(last, number)));
  return (
    <div className={`inspector-time${isLive ? '' : ' back'}`}>
      <button
        type="button"
        aria-label="Previous event"
        disabled={at <= first}
        onClick={() => goTo(at - 1)}
      >
        <Icon name="previous" />
      </button>
      <button
        type="button"
        aria-label="Next event"
        disabled={isLive || at >= last}
        onClick={() => goTo(at + 1)}
      >
        <Icon name="next" />
      </button>
      <button type="button" aria-pressed={isLive} onClick={() => onCursor(null)}>
        Live
      </button>
      <input
        type="range"
        aria-label="Event"
        aria-valuetext={words}
        min={first}
        max={last}
        step={1}
        disabled={entries.length < 2}
        value={at}
        onChange={({ target }) => goTo(Number(target.value))}
      />
      <span className="inspector-position" role="status">
        {words}
      </span>
    </div>
  );
}
