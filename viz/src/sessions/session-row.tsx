import { memo } from 'react';
import { duration, type SessionSummary, verdictWords } from '../../../machines/index.js';
import { timeOfDay, utcTime } from '../parts/times.js';
import { nameFor, toneOf, typeUnknown, wordsFor } from '../parts/verdict-words.js';
import { visible } from '../parts/visible.js';

/** Maximum number of characters of a tooltip. */
const maxTooltip = 600;

interface SessionRowProps {
  readonly summary: SessionSummary;
  readonly id: string;
  readonly selected: boolean;
  /** Index in the list, and the length of the list. */
  readonly index: number;
  readonly count: number;
  /** The duration of the session in milliseconds. */
  readonly elapsed: number;
  /** Pixels from the top of the list. */
  readonly top: number;
  onPress(session: string): void;
}

/** One session: client, verdict, state, start and duration. */
export const SessionRow = memo(function SessionRow(props: SessionRowProps) {
  const { summary, elapsed, id, selected, index, count, top, onPress } = props;
  const { session, clientType, state, startedAt, verdict, figure } = summary;
  return (
    // The list itself has the focus and handles the keys.
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
        {/* Other verdicts contain the figure. */}
        {verdict === 'registered' && figure !== null ? ` · ${figure}` : ''}
      </span>
      <span className="session-facts">
        <bdi>{clientType === null ? typeUnknown : visible(clientType)}</bdi> · {state}
      </span>
      <span className="session-times">
        <span title={utcTime(startedAt)}>{timeOfDay(startedAt)}</span> · {duration(elapsed)}
      </span>
    </div>
  );
});
