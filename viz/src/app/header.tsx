import { useEffect, useState } from 'react';
import type { FeedCluster } from '../../../machines/index.js';
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
  /** Whether the gate's list has arrived on this connection. */
  readonly listed: boolean;
  /** Connections since the gate started; null when unknown. */
  readonly accepted: number | null;
  /** Tabs that are hidden unless they are open: nothing is there to show. */
  readonly empty: ReadonlySet<ViewState['tab']>;
  /** The items of the menu More. */
  readonly more: readonly MenuItem[];
  /** Whether the list covers it. */
  readonly inert: boolean;
  onChange(changes: Partial<ViewState>): void;
  onOpenRecording(): void;
  /** Opens the list in the one-column layout. */
  onOpenList(): void;
}

const tabs = [
  { tab: 'sessions', label: 'Sessions' },
  { tab: 'figures', label: 'Figures' },
  { tab: 'simulator', label: 'Simulator' },
  { tab: 'coverage', label: 'Coverage' },
  { tab: 'learned', label: 'Learned' },
] as const;

/** The header of the page: tabs, the state of the connection, and the buttons to open files. */
export function Header(props: HeaderProps) {
  const { view, connection, listed, accepted, empty, more, inert } = props;
  const { onChange, onOpenRecording, onOpenList } = props;
  const shownTabs = tabs.filter(({ tab }) => !empty.has(tab) || view.tab === tab);
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

/** The state of the connection in words. */
function ConnectionWords({ connection, listed, accepted }: ConnectionWordsProps) {
  const { phase } = connection;
  if (phase === 'none') {
    const words = import.meta.env.MODE === 'report' ? 'report, not live' : 'no gate';
    return <p className="connection">{words}</p>;
  }
  if (phase === 'lost') return <Lost connection={connection} />;
  if (phase === 'locked') return <SignIn since={connection.since} />;
  const isStopping = phase === 'open' && connection.stopping;
  const trouble = phase === 'open' && connection.cluster ? troubleOf(connection.cluster) : null;
  const tone =
    isStopping || trouble ? 'warn' : { connecting: 'plain', open: 'ok', ended: 'bad' }[phase];
  return (
    <p className="connection" role="status" title={titleOf(connection)}>
      <span className={`dot ${tone}`} />
      {phase === 'connecting' && 'connecting to the gate'}
      {phase === 'ended' && connection.problem}
      {phase === 'open' && !listed && `loading the sessions of ${connection.gate}`}
      {phase === 'open' && listed && (
        <>
          live from {connection.gate}
          {connection.cluster && `, node ${connection.cluster.node}`}
          {isStopping && ', which is shutting down'}
          {trouble && <span className="tone warn">{` · ${trouble}`}</span>}
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

/** The cluster of a gate and its store. */
function titleOf(connection: Connection): string | undefined {
  if (connection.phase !== 'open' || !connection.cluster) return undefined;
  const { name, store, unreachable } = connection.cluster;
  const old = unreachable.length === 0 ? '' : '; sessions of gates that do not answer may be old';
  return `cluster ${name}, directory ${store}${old}`;
}

/** What is wrong in the cluster of a gate; null when all is well. */
function troubleOf({ state, unreachable }: FeedCluster): string | null {
  const silent = unreachable.length === 0 ? [] : [`no answer from ${unreachable.join(', ')}`];
  const lost = state === 'lost' ? ['the directory of names is lost'] : [];
  return [...lost, ...silent].join('; ') || null;
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
      {seconds === 0 ? 'retrying' : `retrying in ${seconds} s`}{' '}
      <button type="button" className="plain" onClick={reachGate}>
        Retry now
      </button>
    </p>
  );
}
