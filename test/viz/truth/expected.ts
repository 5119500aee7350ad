/** What a page must show, given the facts about the gate. */
import {
  type SessionSummary,
  type SessionVerdict,
  verdictSentence,
  verdicts,
} from '../../../machines/index.js';
import type { Facts } from './gate-run.js';
import type { StatedRow, StatedSelection, Statement } from './stated.js';

/** The state of a session at the last update of the page. */
export interface LastKnown {
  readonly summary: SessionSummary;
  /** Milliseconds left of its deadline. */
  readonly left: number | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Maximum difference between durations of page and gate in milliseconds: the page counts in seconds, and reading both takes time. */
const tolerance = 2_500;
/** The page pings the gate every two seconds, so its last update may be that long before the loss of the connection. */
export const lossTolerance = 5_000;

/** Equal, for `toEqual`, to values near a value. */
class Near {
  readonly $$typeof = Symbol.for('jest.asymmetricMatcher');
  readonly words: string;
  readonly matches: (other: unknown) => boolean;

  constructor(words: string, matches: (other: unknown) => boolean) {
    this.words = words;
    this.matches = matches;
  }

  asymmetricMatch(other: unknown): boolean {
    return this.matches(other);
  }

  toString(): string {
    return this.words;
  }

  toAsymmetricMatcher(): string {
    return this.words;
  }
}

function near<Value>(value: number, within = tolerance): Value {
  const matches = (other: unknown) => typeof other === 'number' && Math.abs(other - value) < within;
  return new Near(`${Math.round(value)} within ${within}`, matches) as Value;
}

const day = 86_400_000;

/** A time of day near a moment. */
function timeNear(at: number): string {
  const matches = (other: unknown) => {
    const [hours = 0, minutes = 0, seconds = 0] = String(other).split(':').map(Number);
    const date = new Date(at);
    const apart = Math.abs(date.setHours(hours, minutes, seconds, 0) - at);
    return Math.min(apart, day - apart) < lossTolerance;
  };
  return new Near(`about ${timeOfDay(at)}`, matches) as unknown as string;
}

function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function statesOf({ state }: SessionSummary): string[] {
  return state.split('/').sort();
}

function countsOf(summaries: readonly SessionSummary[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (key: string) => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const { verdict, state } of summaries) {
    add(`Verdict: ${verdicts[verdict]}`);
    add(`State: ${state}`);
  }
  return counts;
}

function rowOf(summary: SessionSummary, now: number): StatedRow {
  const { clientName, verdict, figure, state, startedAt, elapsed } = summary;
  const words: Record<SessionVerdict, string> = verdicts;
  return {
    name: clientName ?? '(no name)',
    verdict: `${words[verdict]}${verdict === 'registered' && figure ? ` · ${figure}` : ''}`,
    state,
    started: timeOfDay(startedAt),
    lasted: state === 'disconnected' ? near(elapsed, 100) : near(now - startedAt),
  };
}

/** The list while the page is connected, or its last state before the loss. */
export function expectedList(facts: Facts, now: number, isLive: boolean) {
  const summaries = [...facts.sessions.values()];
  const rows = summaries.map((summary) => [summary.session, rowOf(summary, now)]);
  return {
    since: isLive ? null : timeNear(now),
    connections: isLive ? summaries.length : null,
    count: summaries.length,
    counts: countsOf(summaries),
    rows: Object.fromEntries(rows) as Statement['rows'],
  } satisfies Partial<Statement>;
}

/** @param why why the page does not follow the session any more; null while it does. */
export function expectedSelection(
  { summary, left, at }: LastKnown,
  why: string | null,
): StatedSelection {
  const { session, steps } = summary;
  const hasEnded = summary.state === 'disconnected';
  const position = hasEnded ? 'ended' : why === null ? 'live' : 'last known';
  return {
    session,
    verdict: verdictSentence(summary),
    lastKnown: why === null || hasEnded ? null : { at: timeNear(at), why },
    position: `${position}, step ${steps} of ${steps}`,
    states: statesOf(summary),
    left: left === null ? null : near(Math.max(0, left), why === null ? tolerance : lossTolerance),
  };
}
