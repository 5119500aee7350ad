import { type ReactNode, useEffect, useRef } from 'react';
import { counted } from '../parts/times.js';
import { visible } from '../parts/visible.js';
import type { ActorRow } from './model/actor-rows.js';
import type { ActorMoment } from './model/moment.js';
import { stateText } from './model/names.js';

interface ActorRowProps {
  readonly row: ActorRow;
  /** Pixels from the top of the list. */
  readonly top: number;
  readonly isSelected: boolean;
  readonly hasLane: boolean;
  readonly isPhantom: boolean;
  /** Whether the keyboard moved to this row. */
  readonly takesFocus: boolean;
  onFocused(): void;
  onActor(session: string): void;
  onLane(session: string): void;
  onToggle(key: string): void;
}

/** Pixels of indentation for each level, and the level from which it does not grow. */
const indent = 14;
const deepestIndent = 8;

export function ActorRowView(props: ActorRowProps): ReactNode {
  const { row, top, isSelected, hasLane, isPhantom, takesFocus } = props;
  const { onFocused, onActor, onLane, onToggle } = props;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!takesFocus) return;
    button.current?.focus({ preventScroll: true });
    onFocused();
  }, [takesFocus, onFocused]);
  const style = {
    transform: `translateY(${top}px)`,
    paddingLeft: 8 + Math.min(row.depth, deepestIndent) * indent,
  };
  if (row.kind !== 'actor') {
    return (
      <li className="inspector-actor" style={style}>
        <button
          type="button"
          className="plain inspector-unused"
          aria-expanded={row.isOpen}
          onClick={() => onToggle(row.key)}
        >
          {counted(row.count)} {row.kind === 'unused' ? 'unused (React StrictMode)' : 'ended'}
        </button>
      </li>
    );
  }
  const { moment } = row;
  const { session, name } = moment.actor;
  const shown = visible(name, 80);
  return (
    <li
      className={`inspector-actor${isActive(moment) && !isPhantom ? '' : ' ended'}`}
      style={style}
    >
      <button
        ref={button}
        type="button"
        aria-current={isSelected}
        tabIndex={isSelected ? 0 : -1}
        onClick={() => onActor(session)}
      >
        <span className={`dot ${toneOf(moment)}`} aria-hidden="true" />
        <bdi className="inspector-name" title={`${shown} (${visible(session, 40)})`}>
          {shown}
        </bdi>
        <span className="inspector-state" title={stateWords(moment)}>
          {stateWords(moment)}
        </span>
        <span className="inspector-count" title={`${counted(moment.events)} events`}>
          {counted(moment.events)}
          <span className="visually-hidden"> events</span>
        </span>
      </button>
      <input
        type="checkbox"
        aria-label={`Line of ${shown} in the ladder`}
        title="A separate line in the ladder"
        tabIndex={isSelected ? 0 : -1}
        checked={hasLane}
        onChange={() => onLane(session)}
      />
    </li>
  );
}

function isActive({ status }: ActorMoment): boolean {
  return status === 'active';
}

function toneOf({ status }: ActorMoment): string {
  return status === 'active' ? 'ok' : status === 'error' ? 'bad' : 'plain';
}

/** The state and, unless it is active, the status. */
function stateWords({ hasStarted, status, state }: ActorMoment): string {
  if (!hasStarted) return 'starts later';
  if (status === null) return 'dropped';
  const words = stateText(state);
  if (status === 'active') return words;
  return words === '' ? visible(status, 20) : `${words}, ${visible(status, 20)}`;
}
