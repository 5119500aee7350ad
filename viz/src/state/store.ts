/** The state of the page. Parts read it with `usePage`; only the functions in this file change it. */
import { create } from 'zustand';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import type { Coverage, FeedTotals, SessionSummary } from '../../../machines/index.js';
import type { FeedBatch } from '../feed/feed-batch.js';
import type { Connection } from '../feed/feed-client.js';
import { defaultView } from './address.js';
import type { Selection, SessionView, ViewState } from './contracts.js';
import { type HeldSteps, nothingHeld, withMore } from './held-steps.js';
import { SessionIndex } from './session-index.js';
import { nothingSelected } from './stage.js';
import { goneWith, type UnlistedSession, unlistedAfter } from './unlisted.js';

/** An open recording: a separate list of sessions. */
export interface OpenRecording {
  readonly name: string;
  readonly index: SessionIndex;
  readonly held: ReadonlyMap<string, HeldSteps>;
}

/** An open coverage. */
export interface OpenCoverage {
  readonly name: string;
  readonly coverage: Coverage;
}

/** An open file of a learned machine. */
export interface OpenLearned {
  readonly name: string;
  readonly file: LearnedFile;
}

/** A notice at the edge of the page. */
export interface Notice {
  readonly id: number;
  readonly kind: 'note' | 'problem';
  readonly text: string;
  /** More lines, in small text. */
  readonly details: readonly string[];
  /** A button in the notice. */
  readonly action: NoticeAction | null;
}

export interface NoticeAction {
  readonly label: string;
  onChoose(): void;
}

export interface PageState {
  readonly view: ViewState;
  readonly connection: Connection;
  /** Whether the browser is signed in and can sign out. */
  readonly isSignedIn: boolean;
  /** The gate's sessions; `revision` counts their changes. */
  readonly live: SessionIndex;
  readonly revision: number;
  readonly totals: FeedTotals | null;
  /** Whether the gate's list is complete on this connection. Before that, `live` may contain sessions of an earlier run. */
  readonly listed: boolean;
  /** The time of the last message before the connection was lost, by the gate's clock; null when there was none. */
  readonly lostAt: number | null;
  /** The run of the gate that sent the last list. */
  readonly run: string | null;
  readonly unlisted: ReadonlyMap<string, UnlistedSession>;
  /** Steps of the viewed live sessions. */
  readonly held: ReadonlyMap<string, HeldSteps>;
  /** Requested live sessions that the gate does not know. */
  readonly unknown: ReadonlySet<string>;
  readonly recordings: readonly OpenRecording[];
  readonly coverages: readonly OpenCoverage[];
  readonly learned: readonly OpenLearned[];
  /** The sessions of the figures and the simulator, and the path of a figure on the chart. */
  readonly played: SessionView | null;
  readonly simulated: SessionView | null;
  readonly path: readonly string[] | null;
  readonly selection: Selection;
  readonly notices: readonly Notice[];
}

export const usePage = create<PageState>()(() => ({
  view: defaultView,
  connection: { phase: 'none' },
  isSignedIn: false,
  live: new SessionIndex(),
  revision: 0,
  totals: null,
  listed: false,
  lostAt: null,
  run: null,
  unlisted: new Map(),
  held: new Map(),
  unknown: new Set(),
  recordings: [],
  coverages: [],
  learned: [],
  played: null,
  simulated: null,
  path: null,
  selection: nothingSelected,
  notices: [],
}));

const { getState: page, setState: change } = usePage;

/** Maximum number of sessions whose steps stay in memory. */
const heldAtMost = 50;

/** Changes the view. Another session or tab starts at its newest step without a selection. */
export function show(changes: Partial<ViewState>): void {
  const { view } = page();
  const moved = (['tab', 'session', 'recording', 'learned'] as const).some(
    (key) => key in changes && changes[key] !== view[key],
  );
  const next = { ...view, ...(moved && { cursor: null }), ...changes };
  change({ view: next, ...(moved && { selection: nothingSelected }) });
}

export function setSignedIn(isSignedIn: boolean): void {
  change({ isSignedIn });
}

export function select(selection: Selection): void {
  change({ selection });
}

export function setConnection(connection: Connection): void {
  const connects = connection.phase === 'open' && page().connection.phase !== 'open';
  const isLost = connection.phase === 'lost' || connection.phase === 'locked';
  change({
    connection,
    ...(connects && { listed: false }),
    ...(isLost && { lostAt: connection.since }),
  });
}

/** Minimum time between two renderings while a long list arrives, in milliseconds. */
const fillingPace = 250;
let drawnAt = 0;

/** Applies all messages of the gate since the last frame. */
export function take(batch: FeedBatch): void {
  const { live, revision, totals, listed, unknown } = page();
  for (const summary of batch.sessions) live.set(summary);
  const gone = goneWith(batch, page());
  const unlisted = unlistedAfter(gone, batch, page());
  for (const session of gone) live.delete(session);
  const changed = batch.sessions.length + batch.removed.length > 0 || batch.listed !== null;
  const filling = !listed && batch.listed === null;
  const due = changed && (!filling || performance.now() - drawnAt > fillingPace);
  if (due) drawnAt = performance.now();
  change({
    revision: due ? revision + 1 : revision,
    totals: batch.totals ?? totals,
    listed: listed || batch.listed !== null,
    ...unlisted,
    held: withSteps(batch),
    ...(batch.unknown.length > 0 && { unknown: new Set([...unknown, ...batch.unknown]) }),
  });
}

function withSteps({ steps, gaps }: FeedBatch): ReadonlyMap<string, HeldSteps> {
  const { held: before } = page();
  if (steps.length === 0 && gaps.length === 0) return before;
  const held = new Map(before);
  const stepsOf = bySession(steps);
  const gapsOf = bySession(gaps);
  for (const session of new Set([...stepsOf.keys(), ...gapsOf.keys()])) {
    const known = held.get(session) ?? nothingHeld;
    // Deleted and set again, so that the map is in order of last use.
    held.delete(session);
    held.set(session, withMore(known, stepsOf.get(session) ?? [], gapsOf.get(session) ?? []));
  }
  for (const session of held.keys()) {
    if (held.size <= heldAtMost) break;
    held.delete(session);
  }
  return held;
}

function bySession<Item extends { readonly session: string }>(
  items: readonly Item[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.session);
    if (group) group.push(item);
    else groups.set(item.session, [item]);
  }
  return groups;
}

/** Lists a recording. It replaces one with the same name. */
export function openRecording(recording: OpenRecording): void {
  const others = page().recordings.filter(({ name }) => name !== recording.name);
  change({ recordings: [...others, recording] });
}

export function closeRecording(name: string): void {
  const { recordings, view } = page();
  change({ recordings: recordings.filter((recording) => recording.name !== name) });
  if (view.recording === name) show({ recording: null, session: null });
}

/** Shows a coverage. It replaces one with the same name. */
export function openCoverage(opened: OpenCoverage): void {
  const others = page().coverages.filter(({ name }) => name !== opened.name);
  change({ coverages: [...others, opened] });
  show({ tab: 'coverage', coverage: opened.name, seat: '' });
}

/** Closes a coverage and shows another open one; without one it shows the sessions. */
export function closeCoverage(closed: string): void {
  const left = page().coverages.filter(({ name }) => name !== closed);
  change({ coverages: left });
  if (page().view.coverage !== closed) return;
  const [next = null] = left;
  show({ coverage: next?.name ?? null, seat: '', ...(next === null && { tab: 'sessions' }) });
}

/** Shows a learned machine. It replaces one with the same name. */
export function openLearned(opened: OpenLearned): void {
  const others = page().learned.filter(({ name }) => name !== opened.name);
  change({ learned: [...others, opened], selection: nothingSelected });
  show({ tab: 'learned', learned: opened.name });
}

/** Closes a learned machine and shows another open one; without one it shows the sessions. */
export function closeLearned(closed: string): void {
  const left = page().learned.filter(({ name }) => name !== closed);
  change({ learned: left });
  if (page().view.learned !== closed) return;
  const [next = null] = left;
  show({ learned: next?.name ?? null, ...(next === null && { tab: 'sessions' }) });
}

let notices = 0;

export function tell(
  kind: Notice['kind'],
  text: string,
  details: readonly string[] = [],
  action: NoticeAction | null = null,
): void {
  notices += 1;
  const notice = { id: notices, kind, text, details, action };
  change({ notices: [...page().notices.slice(-3), notice] });
}

export function dismiss(id: number): void {
  change({ notices: page().notices.filter((notice) => notice.id !== id) });
}

export const showPlayed = (played: SessionView): void => change({ played });
export const showSimulated = (simulated: SessionView): void => change({ simulated });
export const showPath = (path: readonly string[] | null): void => change({ path });

/** The listed index: that of the gate, or of the recording in the view. */
export function listedIndex(state: PageState): SessionIndex {
  const { recording } = state.view;
  if (recording === null) return state.live;
  return state.recordings.find(({ name }) => name === recording)?.index ?? noSessions;
}

const noSessions = new SessionIndex();

/** The time of the last message about the live session in the view; null while it is followed. */
export function lastHeardOfSession(state: PageState): number | null {
  const { view, connection, listed, lostAt, live, unlisted } = state;
  if (view.recording !== null || view.session === null) return null;
  const gone = live.get(view.session) ? undefined : unlisted.get(view.session);
  if (gone) return gone.heardAt;
  // Until its list is complete, a reconnected gate may be another run.
  return connection.phase === 'open' && listed ? null : lostAt;
}

/** Whether the gate has restarted since the live session in the view. */
export function isOfRunBefore({ view, unlisted }: PageState): boolean {
  return unlisted.get(view.session ?? '')?.restarted ?? false;
}

/** The coverage in the view; undefined when it is not open. */
export function coverageInView({ view, coverages }: PageState): OpenCoverage | undefined {
  return coverages.find(({ name }) => name === view.coverage);
}

/** The learned machine in the view; undefined when it is not open. */
export function learnedInView({ view, learned }: PageState): OpenLearned | undefined {
  return learned.find(({ name }) => name === view.learned);
}

/** Summary and steps of the session in the view. */
export function sessionInView(state: PageState): {
  summary: SessionSummary | undefined;
  held: HeldSteps;
} {
  const { view, recordings, held, live, unlisted } = state;
  const session = view.session ?? '';
  if (view.recording === null) {
    const summary = live.get(session) ?? unlisted.get(session)?.summary;
    return { summary, held: held.get(session) ?? nothingHeld };
  }
  const recording = recordings.find(({ name }) => name === view.recording);
  return {
    summary: recording?.index.get(session),
    held: recording?.held.get(session) ?? nothingHeld,
  };
}
