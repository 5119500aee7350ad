import { useEffect, useRef } from 'react';
import { counted } from '../parts/times.js';
import type { ViewState } from '../state/contracts.js';
import type { Listing } from '../state/session-index.js';
import type { OpenRecording } from '../state/store.js';
import { SessionFilters } from './session-filters.js';
import { SessionList } from './session-list.js';
import { Sources } from './sources.js';

interface SessionsProps {
  readonly view: ViewState;
  readonly listing: Listing;
  readonly recordings: readonly OpenRecording[];
  /** Whether there is a gate whose sessions are listed when no recording is. */
  readonly gate: boolean;
  /** Whether the gate's list has come; nothing is followed before, for what is newest is not known. */
  readonly complete: boolean;
  /** The gate's clock; null where no time passes. */
  readonly now: number | null;
  onChange(changes: Partial<ViewState>): void;
  onCloseRecording(name: string): void;
  /** A row was pressed. */
  onPress(): void;
  /** Go on to the session itself. */
  onEnter(): void;
}

/** Milliseconds a session stays in sight while the newest is followed, so that a busy gate does not flicker. */
const dwell = 1_000;

/** The list of sessions, and everything that narrows it. */
export function Sessions(props: SessionsProps) {
  const { view, listing, recordings, gate, complete, onChange, onCloseRecording, onEnter } = props;
  const following = complete && view.follow && view.tab === 'sessions' && view.recording === null;
  useFollow(following, view, listing, onChange);

  const narrowed = listing.sessions.length < listing.known;
  return (
    <section className="sessions" aria-label="Sessions">
      <Sources
        gate={gate}
        recordings={recordings}
        chosen={view.recording}
        onChoose={(recording) => onChange({ recording, session: null })}
        onClose={onCloseRecording}
      />
      <SessionFilters view={view} listing={listing} onChange={onChange} />
      <div className="list-line">
        <span role="status">
          {narrowed ? `${counted(listing.sessions.length)} of ` : ''}
          {counted(listing.known)} {listing.known === 1 ? 'session' : 'sessions'}
        </span>
        {narrowed && (
          <button
            type="button"
            className="plain"
            onClick={() => onChange({ filter: '', verdict: '', state: '', type: '' })}
          >
            Show all
          </button>
        )}
        {view.recording === null && (
          <button
            type="button"
            className="follow"
            aria-pressed={view.follow}
            onClick={() => onChange({ follow: !view.follow })}
          >
            Follow the newest
          </button>
        )}
      </div>
      {listing.sessions.length === 0 && listing.known > 0 ? (
        <p className="list-empty">No session is like that.</p>
      ) : (
        <SessionList
          sessions={listing.sessions}
          selected={view.session}
          now={props.now}
          follow={following}
          onSelect={(session) => onChange({ session, follow: false })}
          onPress={props.onPress}
          onScroll={() => {
            if (view.follow) onChange({ follow: false });
          }}
          onEnter={onEnter}
        />
      )}
    </section>
  );
}

/** Goes to the newest session of the list, and stays with each for a moment. */
function useFollow(
  following: boolean,
  view: ViewState,
  { newest }: Listing,
  onChange: (changes: Partial<ViewState>) => void,
): void {
  const arrived = useRef(0);
  const session = newest?.session ?? null;
  useEffect(() => {
    if (!following || session === null || session === view.session) return;
    const wait = view.session === null ? 0 : arrived.current + dwell - performance.now();
    const timer = setTimeout(() => {
      arrived.current = performance.now();
      onChange({ session });
    }, wait);
    return () => clearTimeout(timer);
  }, [following, session, view.session, onChange]);
}
