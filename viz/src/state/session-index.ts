/** All sessions of the page, indexed so that 50,000 sessions are filtered and sorted between two frames. */
import {
  type Configuration,
  type SessionSummary,
  type SessionVerdict,
  verdicts,
  verdictWords,
} from '../../../machines/index.js';
import { timeOfDay } from '../parts/times.js';
import { nameFor, typeUnknown, wordsFor } from '../parts/verdict-words.js';

export const sorts = {
  start: 'start',
  name: 'name',
  duration: 'duration',
  verdict: 'verdict',
} as const;
export type SortKey = keyof typeof sorts;

/** Filters and order of a list; an empty text means no filter. */
export interface SessionQuery {
  /** Words that must all occur in the row, the id or the error text; letter case is ignored. */
  readonly filter: string;
  readonly verdict: string;
  readonly state: string;
  readonly type: string;
  /** A `SortKey`, with the prefix `-` for descending. */
  readonly sort: string;
  /** The gate's clock, for the duration of open sessions; null for recordings. */
  readonly now: number | null;
}

export interface Listing {
  readonly sessions: readonly SessionSummary[];
  /** The listed session that started last, for any order. */
  readonly newest: SessionSummary | null;
  /** Counts without the filter on the same field. */
  readonly byVerdict: ReadonlyMap<SessionVerdict, number>;
  readonly byState: ReadonlyMap<Configuration, number>;
  readonly byType: ReadonlyMap<string, number>;
  /** Number of all sessions, filtered or not. */
  readonly known: number;
}

interface Entry {
  summary: SessionSummary;
  /** Position in the order of arrival. */
  readonly arrival: number;
  gone: boolean;
  /** Computed when first needed. */
  text: string | null;
  name: string | null;
}

const verdictOrder = new Map(Object.keys(verdicts).map((verdict, index) => [verdict, index]));

/** The duration of a session in milliseconds: to its end, or until now. */
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
    // Sessions without a name come last. Plain comparison, because a collator takes a second for 50,000 names.
    if (a === '' || b === '') return Number(a === '') - Number(b === '');
    return a < b ? -1 : a > b ? 1 : 0;
  },
  duration: (one, other, now) => lasted(one.summary, now) - lasted(other.summary, now),
  verdict: (one, other) =>
    (verdictOrder.get(one.summary.verdict) ?? 0) - (verdictOrder.get(other.summary.verdict) ?? 0),
};

/** The sort key and direction of `ViewState.sort`; by start, newest first, if it is invalid. */
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
  /** The last result, for a repeated query. */
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

  /** Adds or replaces a session. */
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

  /** The sessions of a query, in order, with the counts for further filters. */
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

  /** Sorts the sessions. The list is almost sorted already, so this is fast. */
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

/** Whether one session started later. The list of a gate may arrive in another order. */
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
  const { session, clientType, state, startedAt, verdict, error, node = '' } = summary;
  return [
    ...[nameFor(summary), session, clientType ?? typeUnknown, state, timeOfDay(startedAt)],
    ...[wordsFor(verdict), verdictWords(summary), error?.text ?? '', node],
  ].join('\n');
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
