import { useEffect, useState } from 'react';
import type { Connection } from '../feed/feed-client.js';
import { reachGate } from '../gate/gate.js';
import { SignIn } from '../gate/sign-in.js';
import { Menu, type MenuItem } from '../parts/menu.js';
import { counted, timeOfDay, utcTime } from '../parts/times.js';
import { useNarrow } from '../parts/use-narrow.js';
import type { ViewState } from '../state/contracts.js';

interface HeaderProps {
  readonly view: ViewState;
  readonly connection: Connection;
  /** Whether the gate's list has come since it was connected. */
  readonly listed: boolean;
  /** Connections since the gate started; null when that is not known. */
  readonly accepted: number | null;
  /** Whether a coverage is open: without one there is nothing to look at. */
  readonly covered: boolean;
  /** What is not needed every minute. */
  readonly more: readonly MenuItem[];
  /** Whether something lies over it. */
  readonly inert: boolean;
  onChange(changes: Partial<ViewState>): void;
  onOpenRecording(): void;
  /** Opens the list where there is no room for it beside the rest. */
  onOpenList(): void;
}

const tabs = [
  { tab: 'sessions', label: 'Sessions' },
  { tab: 'figures', label: 'Figures' },
  { tab: 'simulator', label: 'Simulator' },
  { tab: 'coverage', label: 'Coverage' },
] as const;

/** The head of the page: where one is, how it stands with the gate, and what can be opened. */
export function Header(props: HeaderProps) {
  const { view, connection, listed, accepted, covered, more, inert } = props;
  const { onChange, onOpenRecording, onOpenList } = props;
  const shownTabs = tabs.filter(({ tab }) => tab !== 'coverage' || covered || view.tab === tab);
  const narrow = useNarrow();
  const words = <ConnectionWords connection={connection} listed={listed} accepted={accepted} />;
  return (
    <header className="page-header" inert={inert}>
      <h1>ixgate</h1>
      <nav aria-label="Views">
        {shownTabs.map(({ tab, label }) => (
          <button
            key={tab}
            type="button"
            aria-current={view.tab === tab && view.foreign === null ? 'page' : undefined}
            onClick={() => onChange({ tab, foreign: null })}
          >
            {label}
          </button>
        ))}
      </nav>
      {!narrow && words}
      {view.tab === 'sessions' && view.foreign === null && (
        <button type="button" className="open-list" onClick={onOpenList}>
          List
        </button>
      )}
      <button type="button" onClick={onOpenRecording}>
        Open recording
      </button>
      <label className="theme">
        <span className="visually-hidden">Theme</span>
        <select
          value={view.theme}
          onChange={(event) => onChange({ theme: event.target.value as ViewState['theme'] })}
        >
          <option value="auto">Theme: auto</option>
          <option value="light">Theme: light</option>
          <option value="dark">Theme: dark</option>
        </select>
      </label>
      <Menu label="More" items={more} />
      {narrow && words}
    </header>
  );
}

type ConnectionWordsProps = Pick<HeaderProps, 'connection' | 'listed' | 'accepted'>;

/** How it stands with the gate, in words. */
function ConnectionWords({ connection, listed, accepted }: ConnectionWordsProps) {
  const { phase } = connection;
  if (phase === 'none') {
    const words = import.meta.env.MODE === 'report' ? 'a report, nothing live' : 'no gate here';
    return <p className="connection">{words}</p>;
  }
  if (phase === 'lost') return <Lost connection={connection} />;
  if (phase === 'locked') return <SignIn since={connection.since} />;
  const isStopping = phase === 'open' && connection.stopping;
  const tone = isStopping ? 'warn' : { connecting: 'plain', open: 'ok', ended: 'bad' }[phase];
  return (
    <p className="connection" role="status">
      <span className={`dot ${tone}`} />
      {phase === 'connecting' && 'connecting to the gate'}
      {phase === 'ended' && connection.problem}
      {phase === 'open' && !listed && `loading the sessions of ${connection.gate}`}
      {phase === 'open' && listed && (
        <>
          live from {connection.gate}
          {isStopping && ', which is shutting down'}
          {accepted !== null && (
            <span className="accepted" aria-hidden="true">
              {` · ${counted(accepted)} ${accepted === 1 ? 'connection' : 'connections'}`}
            </span>
          )}
        </>
      )}
    </p>
  );
}

function Lost({ connection }: { connection: Extract<Connection, { phase: 'lost' }> }) {
  const { retryAt, why, since } = connection;
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1_000));
  return (
    <p className="connection lost">
      <span className="dot bad" />
      <span role="alert" title={since === null ? undefined : utcTime(since)}>
        {`${why ?? 'the gate is not reachable'}${since === null ? '' : ` since ${timeOfDay(since)}`};`}
      </span>{' '}
      {seconds === 0 ? 'trying again' : `trying again in ${seconds} s`}{' '}
      <button type="button" className="plain" onClick={reachGate}>
        Try now
      </button>
    </p>
  );
}
