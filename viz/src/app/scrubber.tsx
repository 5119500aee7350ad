import { useCallback, useEffect, useState } from 'react';
import { Icon } from '../parts/icon.js';
import { counted } from '../parts/times.js';
import type { Cursor, SessionView } from '../state/contracts.js';
import { indexAt, isLastKnown, mayGoOn } from '../state/stage.js';

interface ScrubberProps {
  readonly session: SessionView;
  readonly cursor: Cursor;
  onCursor(cursor: Cursor): void;
}

/** Milliseconds a step stays while a session is played back: as long as it took, within these. */
const shortest = 350;
const longest = 1_200;

/** The steps of a session under the hand: first, previous, play or live, next, last, and a slider over all of them. */
export function Scrubber({ session, cursor, onCursor }: ScrubberProps) {
  const { steps } = session;
  const at = indexAt(steps, cursor);
  const last = steps.length - 1;
  const open = mayGoOn(session);
  const [playing, setPlaying] = usePlayback(session, at, onCursor);
  const running = open ? cursor === null : playing;

  const goTo = useCallback(
    (index: number) => {
      setPlaying(false);
      // The last step of what goes on is a place of its own: to be live is to stay with the newest.
      const to = Math.max(0, Math.min(last, index));
      onCursor(to === last ? null : (steps[to]?.seq ?? null));
    },
    [steps, last, onCursor, setPlaying],
  );
  const toggle = useCallback(() => {
    if (open) return onCursor(cursor === null ? (steps[at]?.seq ?? null) : null);
    if (!playing && at === last) onCursor(steps[0]?.seq ?? null);
    setPlaying(!playing);
  }, [open, cursor, steps, at, last, playing, onCursor, setPlaying]);
  useStepKeys({ at, last, goTo, toggle });

  const words = `${position(session, cursor, running)}step ${at + 1} of ${last + 1}`;
  const label = open ? (running ? 'Stop' : 'Live') : running ? 'Stop' : 'Play';
  return (
    <div className="scrubber">
      <fieldset className="buttons" aria-label="Steps">
        <button type="button" aria-label="First step" disabled={at <= 0} onClick={() => goTo(0)}>
          <Icon name="first" />
        </button>
        <button
          type="button"
          aria-label="Previous step"
          disabled={at <= 0}
          onClick={() => goTo(at - 1)}
        >
          <Icon name="previous" />
        </button>
        <button type="button" className="play" disabled={last < 0} onClick={toggle}>
          {label}
        </button>
        <button
          type="button"
          aria-label="Next step"
          disabled={at >= last}
          onClick={() => goTo(at + 1)}
        >
          <Icon name="next" />
        </button>
        <button
          type="button"
          aria-label="Last step"
          disabled={at >= last && cursor === null}
          onClick={() => goTo(last)}
        >
          <Icon name="last" />
        </button>
      </fieldset>
      <span className="slider">
        <GapMarks session={session} />
        <input
          type="range"
          aria-label="Step"
          aria-valuetext={`${words}: ${steps[at]?.name ?? 'none'}`}
          min={0}
          max={Math.max(0, last)}
          step={1}
          disabled={last < 1}
          value={Math.max(0, at)}
          onChange={(event) => goTo(Number(event.target.value))}
        />
      </span>
      <span className={`position ${running && open ? 'live' : ''}`} role="status">
        {words}
      </span>
    </div>
  );
}

/** Where steps are missing between those that are held. */
function GapMarks({ session: { steps, gaps } }: { session: SessionView }) {
  const last = Math.max(1, steps.length - 1);
  return gaps.map(({ from, to, cause }) => {
    const next = steps.findIndex(({ seq }) => seq > to);
    const place = next < 0 ? last : Math.max(0, next - 0.5);
    const count = to - from + 1;
    const words = `${counted(count)} ${count === 1 ? 'step is' : 'steps are'} missing here: ${cause}`;
    return (
      <i
        key={from}
        className="gap-mark"
        role="img"
        aria-label={words}
        title={words}
        style={{ left: `${(place / last) * 100}%` }}
      />
    );
  });
}

function position(session: SessionView, cursor: Cursor, running: boolean): string {
  if (mayGoOn(session) && cursor === null) return 'live, ';
  if (isLastKnown(session) && cursor === null) return 'last known, ';
  if (running) return 'playing ';
  if (cursor !== null) return 'stopped at ';
  return session.summary.state === 'disconnected' ? 'ended, ' : '';
}

/** Goes from step to step by itself, in the time they took. */
function usePlayback(
  { steps }: SessionView,
  at: number,
  onCursor: (cursor: Cursor) => void,
): [boolean, (playing: boolean) => void] {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const [here, next] = [steps[at], steps[at + 1]];
    if (!here || !next) return setPlaying(false);
    const took = Math.min(longest, Math.max(shortest, next.elapsed - here.elapsed));
    const timer = setTimeout(() => {
      onCursor(at + 2 === steps.length ? null : next.seq);
    }, took);
    return () => clearTimeout(timer);
  }, [playing, steps, at, onCursor]);
  return [playing, setPlaying];
}

interface StepKeys {
  readonly at: number;
  readonly last: number;
  goTo(index: number): void;
  toggle(): void;
}

/** Widgets that have a use of their own for these keys. */
const ownKeys =
  'input, select, textarea, summary, [contenteditable], [role=listbox], [role=menu], [role=application], [role=slider], [role=separator]';

/** Left, Right, Home, End and Space, wherever on the page, but for where they mean something else. */
function useStepKeys({ at, last, goTo, toggle }: StepKeys): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      const target = event.target as Element;
      if (target.closest(ownKeys)) return;
      if (last < 0) return;
      if (event.key === ' ') {
        if (target.closest('button, a, [role=button], [role=tab]')) return;
        toggle();
      } else {
        const to = targetOf(event.key, at, last);
        if (to === null) return;
        goTo(to);
      }
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [at, last, goTo, toggle]);
}

/** The step a key leads to; null for a key that leads to none. */
function targetOf(key: string, at: number, last: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return at - 1;
    case 'ArrowRight':
      return at + 1;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
