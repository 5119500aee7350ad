/** Every session the page knows, kept so that 50,000 of them are filtered and sorted between two frames. */
import {
  type Configuration,
  type SessionSummary,
  type SessionVerdict,
  verdicts,
  verdictWords,
} from '../../../machines/index.js';
import { timeOfDay } from '../parts/times.js';
import { nameFor, wordsFor } from '../parts/verdict-words.js';

export const sorts = {
  start: 'start',
  name: 'name',
  duration: 'duration',
  verdict: 'verdict',
} as const;
export type SortKey = keyof typeof sorts;

/** What a list is asked for; an empty text asks for everything. */
export interface SessionQuery {
  /** Words that must all be among what the row shows, the id or the error text; letter case does not count. */
  readonly filter: string;
  readonly verdict: string;
  readonly state: string;
  readonly type: string;
  /** A `SortKey`, with a `-` before it for descending. */
  readonly sort: string;
  /** The gate's clock, for how long open sessions have lasted; null where no time passes for them. */
  readonly now: number | null;
}

export interface Listing {
  readonly sessions: readonly SessionSummary[];
  /** The one that started last of those listed, however they are sorted. */
  readonly newest: SessionSummary | null;
  /** How many of each there would be if the list were not narrowed by it. */
  readonly byVerdict: ReadonlyMap<SessionVerdict, number>;
  readonly byState: ReadonlyMap<Configuration, number>;
  readonly byType: ReadonlyMap<string, number>;
  /** Sessions known, filtered or not. */
  readonly known: number;
}

interface Entry {
  summary: SessionSummary;
  /** Place in the order of arrival. */
  readonly arrival: number;
  gone: boolean;
  /** Made when it is first needed. */
  text: string | null;
  name: string | null;
}

const verdictOrder = new Map(Object.keys(verdicts).map((verdict, index) => [verdict, index]));

/** Milliseconds that a session has lasted: to its end, or until now. */
export function lasted({ state, startedAt, elapsed }: SessionSummary, now: number | null): number {
  return state === 'disconnected' || now === null ? elapsed : Math.max(elapsed, now - startedAt);
}

type Compare = (one: Entry, other: Entry, now: number | null) => number;

const nameOf = (entry: Entry): string => {
  entry.name ??= (entry.summary.clientName ?? entry.summary.logName ?? '').toLowerCase();
  return entry.name;
};
const comparisons: Readonly<Record<SortKey, Compare>> = {
  start: (one, other) => one.summary.startedAt - other.summary.startedAt,
  name: (one, other) => {
    const [a, b] = [nameOf(one), nameOf(other)];
    // Those without a name come last; plain comparison, because a collator takes a second for 50,000.
    if (a === '' || b === '') return Number(a === '') - Number(b === '');
    return a < b ? -1 : a > b ? 1 : 0;
  },
  duration: (one, other, now) => lasted(one.summary, now) - lasted(other.summary, now),
  verdict: (one, other) =>
    (verdictOrder.get(one.summary.verdict) ?? 0) - (verdictOrder.get(other.summary.verdict) ?? 0),
};

/** The sort key and direction that `ViewState.sort` means; by start, newest first, when it means none. */
export function sortOf(sort: string): { key: SortKey; descending: boolean } {
  const key = sort.replace(/^-/, '');
  return Object.hasOwn(sorts, key)
    ? { key: key as SortKey, descending: sort.startsWith('-') }
    : { key: 'start', descending: true };
}

export class SessionIndex {
  readonly #entries = new Map<string, Entry>();
  #ordered: Entry[] = [];
  #orderedBy = '';
  #orderedAt: number | null = null;
  #changed = false;
  #arrivals = 0;
  /** The last answer, for the same question again. */
  #answer: { readonly query: string; readonly listing: Listing } | null = null;

  get size(): number {
    return this.#entries.size;
  }

  get(session: string): SessionSummary | undefined {
    return this.#entries.get(session)?.summary;
  }

  ids(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Adds a session, or replaces what is known of it. */
  set(summary: SessionSummary): void {
    this.#changed = true;
    const known = this.#entries.get(summary.session);
    if (known) {
      known.summary = summary;
      known.text = null;
      known.name = null;
      return;
    }
    this.#arrivals += 1;
    const entry = { summary, arrival: this.#arrivals, gone: false, text: null, name: null };
    this.#entries.set(summary.session, entry);
    this.#ordered.push(entry);
  }

  delete(session: string): void {
    const entry = this.#entries.get(session);
    if (!entry) return;
    entry.gone = true;
    this.#entries.delete(session);
    this.#changed = true;
  }

  /** The sessions asked for, in order, with the counts to narrow them further. */
  list({ filter, verdict, state, type, sort, now }: SessionQuery): Listing {
    const query = JSON.stringify([filter, verdict, state, type, sort, now]);
    if (!this.#changed && this.#answer?.query === query) return this.#answer.listing;
    this.#order(sort, now);
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    const sessions: SessionSummary[] = [];
    const byVerdict = new Map<SessionVerdict, number>();
    const byState = new Map<Configuration, number>();
    const byType = new Map<string, number>();
    let newest: Entry | null = null;
    for (const entry of this.#ordered) {
      if (words.length > 0 && !hasAll(entry, words)) continue;
      const { summary } = entry;
      const clientType = summary.clientType ?? '';
      const isVerdict = verdict === '' || summary.verdict === verdict;
      const isState = state === '' || summary.state === state;
      const isType = type === '' || clientType === type;
      if (isState && isType) count(byVerdict, summary.verdict);
      if (isVerdict && isType) count(byState, summary.state);
      if (isVerdict && isState && clientType !== '') count(byType, clientType);
      if (!(isVerdict && isState && isType)) continue;
      sessions.push(summary);
      if (newest === null || isNewer(entry, newest)) newest = entry;
    }
    const listing = {
      sessions,
      newest: newest?.summary ?? null,
      byVerdict,
      byState,
      byType,
      known: this.#entries.size,
    };
    this.#answer = { query, listing };
    return listing;
  }

  /** Sorts what came since the last time into its place: all but sorted already, so it costs little. */
  #order(sort: string, now: number | null): void {
    const { key, descending } = sortOf(sort);
    const isOld = key === 'duration' && now !== this.#orderedAt;
    if (!this.#changed && sort === this.#orderedBy && !isOld) return;
    const compare = comparisons[key];
    const sign = descending ? -1 : 1;
    this.#ordered = this.#ordered
      .filter((entry) => !entry.gone)
      .sort((one, other) => sign * (compare(one, other, now) || one.arrival - other.arrival));
    this.#orderedBy = sort;
    this.#orderedAt = now;
    this.#changed = false;
  }
}

/** A gate's list need not come in the order in which its sessions started. */
function isNewer(one: Entry, other: Entry): boolean {
  const later = one.summary.startedAt - other.summary.startedAt;
  return later === 0 ? one.arrival > other.arrival : later > 0;
}

function hasAll(entry: Entry, words: readonly string[]): boolean {
  entry.text ??= textOf(entry.summary).toLowerCase();
  const { text } = entry;
  return words.every((word) => text.includes(word));
}

function textOf(summary: SessionSummary): string {
  const { session, clientType, state, startedAt, verdict, error } = summary;
  return [
    ...[nameFor(summary), session, clientType ?? 'no type', state, timeOfDay(startedAt)],
    ...[wordsFor(verdict), verdictWords(summary), error?.text ?? ''],
  ].join('\n');
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
