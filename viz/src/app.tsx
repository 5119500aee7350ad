import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Chart } from './chart/index.js';
import type { FiguresProps } from './contracts.js';
import { CoveragePanel, CoverageStage } from './coverage/index.js';
import { saveShown } from './export/index.js';
import { Figures } from './figures/index.js';
import { signOut, watchSession } from './gate.js';
import { Header } from './header.js';
import { Ladder } from './ladder/index.js';
import type { MenuItem } from './menu.js';
import { Notices } from './notices.js';
import { chooseFiles, DropZone } from './recordings/index.js';
import { nameFor, Sessions, useGateClock, useListing, wordsFor } from './sessions/index.js';
import { Simulator } from './simulator/index.js';
import { Splitter, useSplit } from './splitter.js';
import { nothingSelected } from './stage.js';
import {
  closeRecording,
  select,
  show,
  showPath,
  showPlayed,
  showSimulated,
  tell,
  usePage,
} from './store.js';
import { useTheme } from './theme.js';
import { useAddress } from './use-address.js';
import { useChart, useLadder, useSessionOnStage } from './use-stage.js';
import { VerdictBar } from './verdict-bar.js';
import { webSocketOf } from './web-socket-of.js';
import { Welcome } from './welcome.js';

/** Only who asks for it loads it, and a report, which is one file, has it not. */
const Foreign =
  import.meta.env.MODE === 'report'
    ? null
    : lazy(async () => ({ default: (await import('./foreign/index.js')).Foreign }));

/** The page as a whole. */
export function App() {
  useAddress();
  const view = usePage((state) => state.view);
  useTheme(view.theme);
  useWatched();
  const [listOpen, setListOpen] = useState(false);
  useEscape(() => setListOpen(false));
  const connection = usePage((state) => state.connection);
  const totals = usePage((state) => state.totals);
  const covered = usePage((state) => state.coverages.length > 0);
  return (
    <>
      <Header
        view={view}
        connection={connection}
        accepted={totals?.accepted ?? null}
        covered={covered}
        more={useMore()}
        onChange={show}
        onOpenRecording={chooseFiles}
        onOpenList={() => setListOpen(true)}
      />
      {view.foreign === null || !Foreign ? (
        <main className={`page-main ${listOpen ? 'list-open' : ''}`}>
          <Aside onClose={() => setListOpen(false)} />
          {view.tab === 'coverage' ? (
            <CoverageStage onOpen={chooseFiles} />
          ) : (
            <Stage onSimulate={() => show({ tab: 'simulator' })} />
          )}
        </main>
      ) : (
        <main className="page-main">
          <Suspense fallback={<p className="loading">Loading</p>}>
            {Foreign && (
              <Foreign
                url={view.foreign}
                gate={connection.phase !== 'none'}
                onUrl={(foreign) => show({ foreign })}
              />
            )}
          </Suspense>
        </main>
      )}
      <Notices />
      <DropZone />
    </>
  );
}

/** What stands left of the session: where it comes from. Figures and simulator keep what they hold while they are hidden. */
function Aside({ onClose }: { onClose(): void }) {
  const view = usePage((state) => state.view);
  const recordings = usePage((state) => state.recordings);
  const connection = usePage((state) => state.connection);
  const listed = usePage((state) => state.listed);
  const now = useGateClock();
  const listing = useListing(now);
  const gate = connection.phase !== 'none';
  return (
    <aside className={`page-aside ${view.tab}`} aria-label="Sources">
      <button type="button" className="close-list" onClick={onClose}>
        Close the list
      </button>
      <div hidden={view.tab !== 'sessions'}>
        <Sessions
          view={view}
          listing={listing}
          recordings={recordings}
          gate={gate}
          complete={listed}
          now={now}
          onChange={(changes) => {
            show(changes);
            if (changes.session && !changes.follow) onClose();
          }}
          onCloseRecording={closeRecording}
          onEnter={() =>
            document.querySelector<HTMLElement>('.page-ladder [tabindex="0"]')?.focus()
          }
        />
      </div>
      <div hidden={view.tab !== 'figures'}>
        <Figures {...useFigures()} />
      </div>
      <div hidden={view.tab !== 'simulator'}>
        <Simulator
          inputs={view.inputs}
          onInputs={(inputs) => show({ inputs })}
          onInvalid={onInvalidInputs}
          onShow={showSimulated}
        />
      </div>
      {view.tab === 'coverage' && (
        <div>
          <CoveragePanel />
        </div>
      )}
    </aside>
  );
}

function onInvalidInputs(reason: string): void {
  show({ inputs: null, cursor: null });
  tell('problem', 'The link cannot be replayed.', [`Inputs of the simulator: ${reason}.`]);
}

function useFigures(): FiguresProps {
  const figure = usePage((state) => state.view.figure);
  const connection = usePage((state) => state.connection);
  const open = connection.phase === 'open' ? connection : null;
  return {
    selected: figure,
    onSelect: (chosen) => show({ figure: chosen }),
    gate: open && webSocketOf(open.endpoints, location),
    delays: open?.delays ?? null,
    onShow: showPlayed,
    onPath: showPath,
  };
}

/** The session itself: verdict, chart and ladder. */
function Stage({ onSimulate }: { onSimulate(): void }) {
  const view = usePage((state) => state.view);
  const connection = usePage((state) => state.connection);
  const session = useSessionOnStage();
  const chart = useChart(session);
  const ladder = useLadder(session);
  const known = usePage((state) => state.live.size + state.recordings.length);
  const unknown = usePage((state) => state.unknown.has(view.session ?? ''));
  const [share, setShare] = useSplit();
  const title = session
    ? `${session.origin === 'simulator' || session.origin === 'figure' ? session.origin : nameFor(session.summary)}: ${wordsFor(session.summary.verdict)}`
    : null;
  useEffect(() => {
    document.title = title === null ? 'ixgate' : `${title} - ixgate`;
  }, [title]);
  return (
    <div className="page-stage">
      {session && <VerdictBar session={session} view={view} />}
      <div className="page-both" style={{ '--share': `${share}%` } as React.CSSProperties}>
        <section className="page-chart" aria-label="Chart">
          <Chart {...chart} />
        </section>
        <Splitter share={share} onShare={setShare} />
        <section className="page-ladder" aria-label="Ladder">
          {ladder ? (
            <Ladder {...ladder} />
          ) : (
            <Welcome
              view={view}
              connection={connection}
              known={known}
              unknown={unknown}
              onSimulate={onSimulate}
              onOpenRecording={chooseFiles}
              onBack={() => show({ recording: null, session: null, cursor: null })}
            />
          )}
        </section>
      </div>
    </div>
  );
}

/** Follows the steps of the live session in view. */
function useWatched(): void {
  const session = usePage(({ view }) => (view.recording === null ? view.session : null));
  const reachable = usePage(({ connection }) => connection.phase !== 'none');
  useEffect(
    () => (session !== null && reachable ? watchSession(session) : undefined),
    [session, reachable],
  );
}

/** Escape puts out what is lit and closes what lies over the page. */
function useEscape(close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      select(nothingSelected);
      latest.current();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** What is not needed every minute. */
function useMore(): readonly MenuItem[] {
  const { sessions } = useListing(null);
  const isSignedIn = usePage((state) => state.isSignedIn);
  const saving = useRef(false);
  return [
    {
      label: 'Save the listed sessions as one recording',
      disabled: sessions.length === 0 ? 'No session is listed' : null,
      onChoose() {
        if (saving.current) return;
        saving.current = true;
        void saveShown(sessions).finally(() => {
          saving.current = false;
        });
      },
    },
    ...(Foreign
      ? [{ label: 'Open an XState 4 inspector ...', onChoose: () => show({ foreign: '' }) }]
      : []),
    ...(isSignedIn ? [{ label: 'Sign out', onChoose: () => void signOut() }] : []),
  ];
}
