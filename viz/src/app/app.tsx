import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { saveShown } from '../export/index.js';
import { signOut, watchSession } from '../gate/gate.js';
import { DropZone } from '../parts/drop-zone.js';
import type { MenuItem } from '../parts/menu.js';
import { useNarrow } from '../parts/use-narrow.js';
import { chooseFiles, openFiles } from '../recordings/index.js';
import { useListing } from '../sessions/index.js';
import type { ViewState } from '../state/contracts.js';
import { nothingSelected } from '../state/stage.js';
import { select, show, usePage } from '../state/store.js';
import { useTheme } from '../state/theme.js';
import { Header } from './header.js';
import { Notices } from './notices.js';
import { useAddress } from './use-address.js';
import { Workspace } from './workspace.js';

/** Loaded on request only. A report, which is a single file, does not contain it. */
const Foreign =
  import.meta.env.MODE === 'report'
    ? null
    : lazy(async () => ({ default: (await import('../foreign/index.js')).Foreign }));

/** The complete page. */
export function App() {
  useAddress();
  const view = usePage((state) => state.view);
  useTheme(view.theme);
  useWatched();
  const list = useList(view);
  useEscape(list.onClose);
  const connection = usePage((state) => state.connection);
  const listed = usePage((state) => state.listed);
  const totals = usePage((state) => state.totals);
  const isCovered = usePage((state) => state.coverages.length > 0);
  const isLearned = usePage((state) => state.learned.length > 0);
  return (
    <>
      <Header
        view={view}
        connection={connection}
        listed={listed}
        accepted={totals?.accepted ?? null}
        empty={
          new Set([
            ...(isCovered ? [] : ['coverage' as const]),
            ...(isLearned ? [] : ['learned' as const]),
          ])
        }
        more={useMore()}
        onChange={show}
        onOpenRecording={chooseFiles}
        onOpenList={list.onOpen}
        inert={list.open}
      />
      {view.foreign === null || !Foreign ? (
        <Workspace listOpen={list.open} onCloseList={list.onClose} />
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
      <DropZone
        hint="Drop a recording, a coverage file or a learned machine to open it"
        onFiles={openFiles}
      />
    </>
  );
}

/** The list of sessions in the one-column layout: it covers the page, takes the focus and gives it back. */
function useList({ tab, foreign }: ViewState) {
  const [wanted, setWanted] = useState(false);
  const narrow = useNarrow();
  const open = wanted && narrow && tab === 'sessions' && foreign === null;
  const wasOpen = useRef(false);
  useEffect(() => {
    if (open === wasOpen.current) return;
    wasOpen.current = open;
    const focused = document.activeElement;
    if (open) document.querySelector<HTMLElement>('.close-list')?.focus();
    // Enter on a session has already moved the focus to its steps.
    else if (focused === null || focused === document.body || focused.closest('.page-aside'))
      document.querySelector<HTMLElement>('.open-list')?.focus();
  }, [open]);
  return {
    open,
    onOpen: () => setWanted(true),
    onClose: useCallback(() => setWanted(false), []),
  };
}

/** Subscribes to the steps of the live session in view. */
function useWatched(): void {
  const session = usePage(({ view }) => (view.recording === null ? view.session : null));
  const reachable = usePage(({ connection }) => connection.phase !== 'none');
  useEffect(
    () => (session !== null && reachable ? watchSession(session) : undefined),
    [session, reachable],
  );
}

/** Escape clears the selection and closes the list that covers the page. */
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

/** The items of the menu More. */
function useMore(): readonly MenuItem[] {
  const { sessions } = useListing(null);
  const isSignedIn = usePage((state) => state.isSignedIn);
  const saving = useRef(false);
  return [
    {
      label: 'Save the listed sessions as one recording',
      disabled: sessions.length === 0 ? 'The list is empty' : null,
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
