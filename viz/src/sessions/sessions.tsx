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
  /** Whether there is a gate. */
  readonly gate: boolean;
  /** Whether the gate's list is complete. Before that the newest session is unknown, so it is not followed. */
  readonly complete: boolean;
  /** The gate's clock; null for recordings. */
  readonly now: number | null;
  onChange(changes: Partial<ViewState>): void;
  onCloseRecording(name: string): void;
  /** The user pressed a row. */
  onPress(): void;
  /** The user pressed Enter: moves the focus to the session. */
  onEnter(): void;
}

/** Minimum display time of a session while the newest is followed, in milliseconds; it avoids flicker at a busy gate. */
const dwell = 1_000;

/** The list of sessions with its filters. */
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
        <p className="list-empty">No session matches the filters.</p>
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

/** Shows the newest session of the list, each for at least `dwell`. */
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
