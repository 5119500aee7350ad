import { memo } from 'react';
import { duration, type SessionSummary, verdictWords } from '../../../machines/index.js';
import { timeOfDay, utcTime } from '../parts/times.js';
import { nameFor, toneOf, wordsFor } from '../parts/verdict-words.js';
import { visible } from '../parts/visible.js';

/** Characters of a tooltip. */
const maxTooltip = 600;

interface SessionRowProps {
  readonly summary: SessionSummary;
  readonly id: string;
  readonly selected: boolean;
  /** Place in the list, from 0, and the list's length. */
  readonly index: number;
  readonly count: number;
  /** Milliseconds that it has lasted. */
  readonly elapsed: number;
  /** Pixels from the top of the list. */
  readonly top: number;
  onPress(session: string): void;
}

/** One session: who, what became of it, where it is now, since when and how long. */
export const SessionRow = memo(function SessionRow(props: SessionRowProps) {
  const { summary, elapsed, id, selected, index, count, top, onPress } = props;
  const { session, clientType, state, startedAt, verdict, figure } = summary;
  return (
    // The list itself has the focus and the keys; its options are only pointed at.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
    // biome-ignore lint/a11y/useFocusableInteractive: see above.
    <div
      role="option"
      id={id}
      aria-selected={selected}
      aria-posinset={index + 1}
      aria-setsize={count}
      className="session-row"
      data-session={session}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onPress(session)}
    >
      <span className={`dot ${toneOf(verdict)}`} />
      <span className="session-name" title={nameFor(summary)}>
        {nameFor(summary)}
      </span>
      <span
        className={`session-verdict tone ${toneOf(verdict)}`}
        title={visible(verdictWords(summary), maxTooltip)}
      >
        {wordsFor(verdict)}
        {/* The words of the others name it. */}
        {verdict === 'registered' && figure !== null ? ` · ${figure}` : ''}
      </span>
      <span className="session-facts">
        <bdi>{clientType === null ? 'no type' : visible(clientType)}</bdi> · {state}
      </span>
      <span className="session-times">
        <span title={utcTime(startedAt)}>{timeOfDay(startedAt)}</span> · {duration(elapsed)}
      </span>
    </div>
  );
});
