/** One event as an arrow between two lines, or a gap. */
import { memo, type ReactNode } from 'react';
import type { InspectedApp } from '../../../machines/engine/inspection/app.js';
import type { LadderEntry, LadderEvent } from '../../../machines/engine/inspection/ladder.js';
import { timeOfDay } from '../parts/times.js';
import { visible } from '../parts/visible.js';
import { middleOf } from './lane-lines.js';
import { type Lanes, placeOf } from './model/lanes.js';
import type { Cursor } from './model/moment.js';
import { actorName, stateText } from './model/names.js';
import { gapWords } from './model/words.js';

interface LadderRowProps {
  readonly id: string;
  readonly app: InspectedApp;
  readonly lanes: Lanes;
  readonly entry: LadderEntry;
  /** The event before it that its target has taken. */
  readonly previous: LadderEvent | null;
  /** Pixels from the top of the rows. */
  readonly y: number;
  readonly isAtCursor: boolean;
  readonly isMatch: boolean;
  /** 1 and up, of `count`. */
  readonly place: number;
  readonly count: number;
  onCursor(cursor: Cursor): void;
}

export function LadderRow(props: LadderRowProps): ReactNode {
  const { id, app, lanes, entry, previous, y, isAtCursor, isMatch, place, count, onCursor } = props;
  const isGap = entry.kind === 'gap';
  const classes = ['ladder-line', isGap && 'whole gap', isAtCursor && 'at', isMatch && 'match'];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys.
    // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus.
    <div
      id={id}
      role="option"
      aria-selected={isAtCursor}
      aria-posinset={place}
      aria-setsize={count}
      className={classes.filter(Boolean).join(' ')}
      style={{ translate: `0 ${y}px` }}
      onClick={() => onCursor(entry.number)}
    >
      {isGap ? (
        gapWords(entry)
      ) : (
        <>
          <span className="visually-hidden">{wordsOf(app, entry, previous)}</span>
          <span className="ladder-number" aria-hidden="true">
            {entry.number}
          </span>
          <span className="ladder-at" aria-hidden="true">
            {timeOfDay(entry.at, true)}
          </span>
          <Arrow app={app} lanes={lanes} event={entry} />
          <span className="ladder-change" aria-hidden="true">
            {changeOf(app, entry, previous)}
          </span>
        </>
      )}
    </div>
  );
}

interface ArrowProps {
  readonly app: InspectedApp;
  readonly lanes: Lanes;
  readonly event: LadderEvent;
}

const Arrow = memo(({ app, lanes, event }: ArrowProps): ReactNode => {
  const { source, target, type, outcome } = event;
  const [from, to] = [placeOf(lanes, source), placeOf(lanes, target)];
  const [start, end] = [middleOf(from, lanes), middleOf(to, lanes)];
  const [left, right] = [Math.min(start, end), Math.max(start, end)];
  const words = `${othersOf(app, lanes, event)}${visible(type, 120)}`;
  const isAtLeft = left + right <= 100;
  const label = isAtLeft ? { left: `${left}%` } : { right: `${100 - right}%` };
  const classes = [
    'ladder-arrow',
    from === to ? 'self' : to > from ? 'to-right' : 'to-left',
    outcome === null && 'ignored',
  ];
  return (
    <span className="ladder-lanes" aria-hidden="true">
      <span
        className={classes.filter(Boolean).join(' ')}
        data-from={from}
        data-to={to}
        style={{ left: `${left}%`, width: from === to ? undefined : `${right - left}%` }}
      />
      <bdi
        className={`ladder-label ${isAtLeft ? 'at-left' : 'at-right'}`}
        style={label}
        title={words}
      >
        {words}
      </bdi>
    </span>
  );
});

/** The names of actors that share a line, before the type of the event. */
function othersOf(app: InspectedApp, lanes: Lanes, { source, target }: LadderEvent): string {
  const isOther = (session: string | null) => session !== null && !lanes.sessions.includes(session);
  const name = (session: string | null) => actorName(app, session);
  if (isOther(source) && isOther(target)) {
    return source === target ? `${name(target)}: ` : `${name(source)} to ${name(target)}: `;
  }
  if (isOther(target)) return `to ${name(target)}: `;
  return isOther(source) ? `from ${name(source)}: ` : '';
}

/** The change of the target, e.g. `light: green to yellow`. */
function changeOf(app: InspectedApp, event: LadderEvent, previous: LadderEvent | null): ReactNode {
  const { target, outcome } = event;
  if (outcome === null) return <span className="inspector-soft">no effect so far</span>;
  const text = changeWords(event, previous);
  if (text === '') return null;
  return (
    <>
      <bdi>{actorName(app, target)}</bdi> {text}
      {outcome.guessed && (outcome.transitions?.length ?? 0) > 0 && (
        <span
          className="inspector-guess"
          title="The transition is guessed from the states before and after"
        >
          guessed
        </span>
      )}
    </>
  );
}

function changeWords({ outcome }: LadderEvent, previous: LadderEvent | null): string {
  if (outcome === null) return '';
  const after = stateText(outcome.state);
  const before = stateText(previous?.outcome?.state ?? null);
  const status = outcome.status === 'active' ? '' : visible(outcome.status, 40);
  const state = after === before ? '' : before === '' ? after : `${before} to ${after}`;
  return [state, status].filter((text) => text !== '').join(', ');
}

/** A row for screen readers. */
function wordsOf(app: InspectedApp, entry: LadderEvent, previous: LadderEvent | null): string {
  const { number, type, source, target } = entry;
  const change = changeWords(entry, previous);
  const words = `${number}: ${visible(type, 120)} from ${actorName(app, source)} to ${actorName(app, target)}`;
  return change === '' ? words : `${words}, ${change}`;
}
