import { useMemo } from 'react';
import { type FigureId, figures, verdictSentence } from '../../../machines/index.js';
import { useExports } from '../export/index.js';
import { figureBeside } from '../ladder/index.js';
import { Menu } from '../parts/menu.js';
import { timeOfDay, utcTime } from '../parts/times.js';
import { visible } from '../parts/visible.js';
import { nameFor, toneOf } from '../sessions/index.js';
import type { SessionView } from '../state/contracts.js';
import { isLastKnown } from '../state/stage.js';
import { isOfRunBefore, type PageState, show, usePage } from '../state/store.js';
import { moveTo } from '../state/use-stage.js';
import { Scrubber } from './scrubber.js';

/** Maximum number of characters of the verdict, which may contain an error text of any length. */
const maxSentence = 600;

interface VerdictBarProps {
  readonly session: SessionView;
  /** Whether the list covers it. */
  readonly inert: boolean;
}

/** The verdict on the session, its closest figure, and the controls of its steps. */
export function VerdictBar({ session, inert }: VerdictBarProps) {
  const view = usePage((state) => state.view);
  const { summary, origin } = session;
  const exports = useExports(session);
  const why = usePage(whyLastKnown);
  const isOld = isLastKnown(session);
  return (
    <section className="verdict-bar" aria-label="Verdict" inert={inert}>
      <div className="verdict-line">
        <h2 className="verdict">
          {origin === 'live' || origin === 'recording' ? (
            <span className="verdict-name">{nameFor(summary)}</span>
          ) : (
            <span className="verdict-name">{origin}</span>
          )}{' '}
          <span
            className={`tone ${isOld ? 'plain' : toneOf(summary.verdict)}`}
            aria-live="polite"
            title={isOld ? utcTime(session.lastHeard ?? 0) : undefined}
          >
            {visible(verdictSentence(summary), maxSentence)}
            {isOld && ` (${lastKnownWords(session, why)})`}
          </span>
          {summary.node !== undefined && (
            <span className="session-node"> {nodeWords(summary)}</span>
          )}
        </h2>
        {view.tab === 'sessions' && <Beside figure={view.figure} session={session} />}
        <Menu label="Save" items={exports} />
      </div>
      <div className="verdict-line">
        <Scrubber session={session} cursor={view.cursor} onCursor={moveTo} />
        <input
          type="search"
          className="find"
          aria-label="Find in the messages' contents"
          placeholder="Find in contents"
          value={view.find}
          onChange={(event) => show({ find: event.target.value })}
        />
      </div>
    </section>
  );
}

/** The gate of a session in its cluster, and the fencing number of its name. */
function nodeWords({ node, epoch }: SessionView['summary']): string {
  return `Node ${node}${epoch === undefined ? '' : `, epoch ${epoch}`}.`;
}

/** The time of the last information about a session, and why there is none since. */
function lastKnownWords({ lastHeard = 0 }: SessionView, why: string): string {
  return `as last known at ${timeOfDay(lastHeard)}; ${why}`;
}

function whyLastKnown(state: PageState): string {
  if (isOfRunBefore(state)) return 'the gate has restarted since';
  return state.connection.phase === 'locked'
    ? 'the gate asks for its token'
    : 'the gate is not reachable';
}

interface BesideProps {
  /** The figure beside the session. */
  readonly figure: FigureId | null;
  readonly session: SessionView;
}

/** Compares the session with a documented figure. The closest figure has its own button. */
function Beside({ figure, session }: BesideProps) {
  const { steps } = session;
  const instance = session.summary.figure;
  const differs = useMemo(
    () => instance !== null && figureBeside(instance, steps).tone === 'differs',
    [instance, steps],
  );
  const choose = (chosen: FigureId | null) => show({ figure: chosen });
  return (
    <span className="beside">
      {instance === null ? (
        <span className="no-figure">matches no figure</span>
      ) : (
        <button
          type="button"
          aria-pressed={figure === instance}
          onClick={() => choose(figure === instance ? null : instance)}
        >
          {`Closest figure: ${instance}${differs ? ' (differs)' : ''}`}
        </button>
      )}
      <Menu
        label="Compare"
        items={[
          ...figures.map(({ id, title }) => ({
            label: `Figure ${id}: ${title}`,
            onChoose: () => choose(id),
          })),
          { label: 'No figure', onChoose: () => choose(null) },
        ]}
      />
    </span>
  );
}
