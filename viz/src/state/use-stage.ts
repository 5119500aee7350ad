import { useMemo } from 'react';
import type { ChartProps, Cursor, LadderProps, SessionView } from './contracts.js';
import { nothingHeld, viewOf } from './held-steps.js';
import {
  configurationAt,
  countsOf,
  deadlineAt,
  indexAt,
  nothingSelected,
  selectionOfEdge,
  selectionOfStep,
  takenAt,
} from './stage.js';
import { lastHeardOfSession, select, sessionInView, show, usePage } from './store.js';

/** The session that chart, ladder and verdict show, whichever tab it comes from; null when there is none. */
export function useSessionOnStage(): SessionView | null {
  const tab = usePage((state) => state.view.tab);
  const recorded = usePage((state) => state.view.recording !== null);
  const summary = usePage((state) => sessionInView(state).summary);
  const held = usePage((state) => sessionInView(state).held);
  const lastHeard = usePage(lastHeardOfSession);
  const played = usePage((state) => state.played);
  const simulated = usePage((state) => state.simulated);
  return useMemo(() => {
    if (tab === 'figures') return played;
    if (tab === 'simulator') return simulated;
    if (recorded) return viewOf('recording', summary, held);
    const live = viewOf('live', summary, held);
    if (live === null || lastHeard === null) return live;
    return { ...live, lastHeard, now: lastHeard - live.summary.startedAt };
  }, [tab, recorded, summary, held, lastHeard, played, simulated]);
}

/** What the chart is given. */
export function useChart(session: SessionView | null): ChartProps {
  const { cursor, tab } = usePage((state) => state.view);
  const connection = usePage((state) => state.connection);
  const selection = usePage((state) => state.selection);
  const figurePath = usePage((state) => state.path);
  const { steps, gaps } = session ?? nothingHeld;
  const counts = useMemo(() => countsOf({ steps, gaps }), [steps, gaps]);
  const taken = useMemo(() => session && takenAt(session, cursor), [session, cursor]);
  const deadline = useMemo(() => {
    const open = connection.phase === 'open' ? connection : null;
    const now = open && Date.now() + open.ahead;
    return session && deadlineAt(session, cursor, open?.delays ?? null, now);
  }, [session, cursor, connection]);
  const path = tab === 'figures' ? figurePath : null;
  return {
    configuration: session && configurationAt(session, cursor),
    taken,
    ...counts,
    selection,
    deadline,
    path,
    onSelectEdge(edge) {
      const lit = selection.steps.size !== 1 && selection.edges.has(edge);
      select(lit ? nothingSelected : selectionOfEdge(session, edge));
    },
  };
}

/** What the ladder is given; null without a session. */
export function useLadder(session: SessionView | null): LadderProps | null {
  const { cursor, find, figure, tab } = usePage((state) => state.view);
  const selection = usePage((state) => state.selection);
  if (!session) return null;
  return {
    view: session,
    cursor,
    selection,
    find,
    figure: tab === 'sessions' ? figure : null,
    onCursor: (to) => moveTo(to),
    onSelectStep(seq) {
      const lit = selection.steps.size === 1 && selection.steps.has(seq);
      select(lit ? nothingSelected : selectionOfStep(session, seq));
    },
  };
}

export function moveTo(cursor: Cursor): void {
  show({ cursor, follow: false });
}

/** The seq the cursor stands on, for a link that shows the same arrow; null when there is not a step. */
export function seqAt(session: SessionView, cursor: Cursor): number | null {
  return session.steps[indexAt(session.steps, cursor)]?.seq ?? null;
}
