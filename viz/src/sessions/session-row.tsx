import { memo } from 'react';
import { duration, type SessionSummary, verdictWords } from '../../../machines/index.js';
import { counted, timeOfDay, utcTime } from '../parts/times.js';
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
  /** Number of listed clients that it carries as a proxy. */
  readonly clients: number;
  /** Whether these are shown. */
  readonly isOpen: boolean;
  /** Whether it is shown below the proxy that carries it. */
  readonly isCarried: boolean;
  onPress(session: string): void;
  onFold(session: string, isOpen: boolean): void;
}

/** One session: client, verdict, state, start and duration. */
export const SessionRow = memo(function SessionRow(props: SessionRowProps) {
  const { summary, elapsed, id, selected, index, count, top, onPress } = props;
  const { clients, isOpen, isCarried, onFold } = props;
  const { session, clientType, state, startedAt, verdict, figure, node } = summary;
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
      className={isCarried ? 'session-row carried' : 'session-row'}
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
        <bdi>{clientType === null ? typeUnknown : visible(clientType)}</bdi>
        {node !== undefined && ` · ${node}`} · {state}
        {clients > 0 && (
          <ProxyClients count={clients} isOpen={isOpen} onToggle={() => onFold(session, !isOpen)} />
        )}
      </span>
      <span className="session-times">
        <span title={utcTime(startedAt)}>{timeOfDay(startedAt)}</span> · {duration(elapsed)}
      </span>
    </div>
  );
});

interface ProxyClientsProps {
  readonly count: number;
  readonly isOpen: boolean;
  onToggle(): void;
}

/** The number of clients of a proxy. A click shows or folds them; the keys of the list do the same. */
function ProxyClients({ count, isOpen, onToggle }: ProxyClientsProps) {
  const words = `${counted(count)} ${count === 1 ? 'client' : 'clients'}`;
  return (
    // A button must not be inside an option.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <span
      className="proxy-clients"
      title={isOpen ? 'Fold (Left)' : 'Show (Right)'}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      {' · '}
      {isOpen ? '\u2212' : '+'} {words}
    </span>
  );
}
