/** The one connection to the gate: found when the page starts, listened to by the store, asked for the steps of sessions. */
import type { RecordingIndex, StepRecord } from '../../machines/index.js';
import { takeToken } from './address.js';
import type { ViewState } from './contracts.js';
import { type FeedBatch, FeedClient } from './feed-client.js';
import { openText } from './recordings/index.js';
import { setConnection, show, take, tell, usePage } from './store.js';

let feed: FeedClient | null = null;
let token: string | null = null;

/** Asks whoever serves the page what there is: a gate, recordings, or neither. */
export async function findGate(): Promise<void> {
  token = takeToken();
  const index = await indexOfServer();
  if (index.gate) connect();
  const { view } = usePage.getState();
  for (const { name, path } of index.recordings) await fetchFile(name, path, view);
}

const nothing: RecordingIndex = { gate: false, recordings: [] };

async function indexOfServer(): Promise<RecordingIndex> {
  if (!location.protocol.startsWith('http')) return nothing;
  try {
    const response = await fetch(besidePage('recordings.json'));
    return response.ok ? ((await response.json()) as RecordingIndex) : nothing;
  } catch {
    return nothing;
  }
}

/** @param asked the view of the address, which goes before the first session of any file. */
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

/** Whether what an address names, a session of a recording or a coverage, has been opened. */
function isOpen({ tab, recording, session, coverage }: ViewState): boolean {
  const { recordings, coverages } = usePage.getState();
  if (tab === 'coverage') return coverages.some(({ name }) => name === coverage);
  return session !== null && recordings.some(({ name }) => name === recording);
}

function besidePage(path: string): URL {
  const url = new URL(path, location.href.replace(/[?#].*$/, ''));
  if (token !== null) url.searchParams.set('token', token);
  return url;
}

function connect(): void {
  const url = besidePage('inspect');
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  feed = new FeedClient({
    url: url.href,
    onConnection: setConnection,
    onBatch(batch) {
      collect(batch);
      take(batch);
    },
    async isServed() {
      try {
        // A cached answer would be no sign of life.
        await fetch(besidePage('recordings.json'), { cache: 'no-store' });
        return true;
      } catch {
        return false;
      }
    },
  });
}

/** Follows the steps of a live session until what is returned is called. */
export function watchSession(session: string): () => void {
  const { held } = usePage.getState();
  return feed?.watch(session, held.get(session)?.steps.at(-1)?.seq ?? 0) ?? (() => {});
}

/** Tries to reach the gate now. */
export function reachGate(): void {
  feed?.retry();
}

interface Collecting {
  readonly upTo: number;
  readonly steps: StepRecord[];
  done(): void;
}

/** Sessions whose steps are fetched to be saved, apart from those that are looked at. */
const collecting = new Map<string, Collecting>();

/** The steps of a live session up to a seq, as far as the gate still has them. */
export async function collectSteps(session: string, upTo: number): Promise<readonly StepRecord[]> {
  if (!feed) throw new Error('There is no gate.');
  const steps: StepRecord[] = [];
  let leave = () => {};
  await new Promise<void>((done) => {
    collecting.set(session, { upTo, steps, done });
    // One that is looked at is watched already, and would not be sent its steps again.
    const held = usePage.getState().held.get(session)?.steps ?? [];
    const watching = feed?.isWatching(session) ?? false;
    if (watching) steps.push(...held);
    leave = feed?.watch(session, 0) ?? leave;
    if (watching && (held.at(-1)?.seq ?? 0) >= upTo) done();
  });
  leave();
  collecting.delete(session);
  return steps;
}

function collect({ steps, gaps, unknown }: FeedBatch): void {
  if (collecting.size === 0) return;
  const reach = (session: string, seq: number) => {
    const waiting = collecting.get(session);
    if (waiting && seq >= waiting.upTo) waiting.done();
  };
  for (const step of steps) collecting.get(step.session)?.steps.push(step);
  for (const { session, seq } of steps) reach(session, seq);
  for (const { session, to } of gaps) reach(session, to);
  for (const session of unknown) reach(session, Number.POSITIVE_INFINITY);
}
