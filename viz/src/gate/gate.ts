/** The connection to the gate: found when the page starts; it feeds the store and fetches the steps of sessions. */
import type { FeedAccess, RecordingIndex, StepRecord } from '../../../machines/index.js';
import type { FeedBatch } from '../feed/feed-batch.js';
import { FeedClient } from '../feed/feed-client.js';
import { openText } from '../recordings/index.js';
import { takeToken } from '../state/address.js';
import type { ViewState } from '../state/contracts.js';
import { type Gap, type HeldSteps, nothingHeld, withMore } from '../state/held-steps.js';
import { setConnection, setSignedIn, show, take, tell, usePage } from '../state/store.js';

let feed: FeedClient | null = null;

/** Asks the server of the page whether there is a gate, and which recordings it has. */
export async function findGate(): Promise<void> {
  const token = takeToken();
  if (token !== null) await signIn(token);
  const index = await indexOfServer();
  if (index?.gate) connect(index.access);
  setSignedIn(index?.isSignedIn ?? false);
  const { view } = usePage.getState();
  for (const { name, path } of index?.recordings ?? []) await fetchFile(name, path, view);
}

/** The index of the page's server; null when there is none, or when the server cannot be reached. */
async function indexOfServer(): Promise<RecordingIndex | null> {
  if (!location.protocol.startsWith('http')) return null;
  const url = besidePage('recordings.json');
  url.searchParams.set('origin', location.origin);
  try {
    // A cached answer would not prove that the server is alive.
    const response = await fetch(url, { cache: 'no-store' });
    return response.ok ? ((await response.json()) as RecordingIndex) : null;
  } catch {
    return null;
  }
}

/**
 * Signs the browser in, for all its tabs. The token is sent in a header and never in an address.
 * @returns the problem; null on success, or when the gate needs no token.
 */
export async function signIn(token: string): Promise<string | null> {
  // A token contains only characters that a header allows.
  if (!/^[\x21-\x7e]+$/.test(token)) return 'The gate does not accept this token.';
  let response: Response;
  try {
    const headers = { 'ixgate-token': token };
    response = await fetch(besidePage('sign-in'), { method: 'POST', headers });
  } catch {
    return 'The gate cannot be reached.';
  }
  if (response.status === 401) return 'The gate does not accept this token.';
  if (response.status === 403) return 'The gate does not accept tokens from this address.';
  setSignedIn(response.ok);
  feed?.retry();
  return null;
}

/** Signs the browser out; the page then asks for the token. */
export async function signOut(): Promise<void> {
  try {
    await fetch(besidePage('sign-out'), { method: 'POST' });
    location.reload();
  } catch {
    tell('problem', 'The gate cannot be reached: this browser is still signed in.', []);
  }
}

/** @param asked the view of the address; it has priority over the first session of a file. */
async function fetchFile(name: string, path: string, asked: ViewState): Promise<void> {
  try {
    const response = await fetch(besidePage(path.replace(/^\//, '')));
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    openText(name, await response.text());
    if (isOpen(asked)) show(asked);
  } catch (error) {
    tell('problem', `${name} could not be loaded.`, [(error as Error).message]);
  }
}

/** Whether the session of a recording, the coverage or the learned machine in an address is open. */
function isOpen({ tab, recording, session, coverage, ...view }: ViewState): boolean {
  const { recordings, coverages, learned } = usePage.getState();
  if (tab === 'learned') return learned.some(({ name }) => name === view.learned);
  if (tab === 'coverage') return coverages.some(({ name }) => name === coverage);
  return session !== null && recordings.some(({ name }) => name === recording);
}

function besidePage(path: string): URL {
  return new URL(path, location.href.replace(/[?#].*$/, ''));
}

function connect(access: FeedAccess | undefined): void {
  const url = besidePage('feed');
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  feed = new FeedClient({
    url: url.href,
    onConnection: setConnection,
    onBatch(batch) {
      collect(batch);
      take(batch);
    },
    access: async () => {
      const index = await indexOfServer();
      return index && (index.access ?? 'granted');
    },
    isLocked: access === 'token-needed',
  });
}

/** Subscribes to the steps of a live session. @returns a function that unsubscribes. */
export function watchSession(session: string): () => void {
  const { held } = usePage.getState();
  return feed?.watch(session, held.get(session)?.steps.at(-1)?.seq ?? 0) ?? (() => {});
}

/** Retries the connection now. */
export function reachGate(): void {
  feed?.retry();
}

interface Collecting {
  readonly upTo: number;
  readonly steps: StepRecord[];
  readonly gaps: Gap[];
  done(): void;
}

/** Sessions whose steps are being fetched for a save. */
const collecting = new Map<string, Collecting>();

/** The steps of a live session up to a seq that the gate still has, and the gaps. */
export async function collectSteps(session: string, upTo: number): Promise<HeldSteps> {
  if (!feed) throw new Error('There is no gate.');
  const steps: StepRecord[] = [];
  const gaps: Gap[] = [];
  let leave = () => {};
  await new Promise<void>((done) => {
    collecting.set(session, { upTo, steps, gaps, done });
    // The gate does not send the steps of a watched session again.
    const held = usePage.getState().held.get(session) ?? nothingHeld;
    const watching = feed?.isWatching(session) ?? false;
    if (watching) {
      for (const step of held.steps) steps.push(step);
      gaps.push(...held.gaps);
    }
    leave = feed?.watch(session, 0) ?? leave;
    if (watching && (held.steps.at(-1)?.seq ?? 0) >= upTo) done();
  });
  leave();
  collecting.delete(session);
  return withMore(nothingHeld, steps, gaps);
}

function collect({ steps, gaps, unknown }: FeedBatch): void {
  if (collecting.size === 0) return;
  const reach = (session: string, seq: number) => {
    const waiting = collecting.get(session);
    if (waiting && seq >= waiting.upTo) waiting.done();
  };
  for (const step of steps) collecting.get(step.session)?.steps.push(step);
  for (const { session, seq } of steps) reach(session, seq);
  for (const gap of gaps) collecting.get(gap.session)?.gaps.push(gap);
  for (const { session, to } of gaps) reach(session, to);
  for (const session of unknown) reach(session, Number.POSITIVE_INFINITY);
}
