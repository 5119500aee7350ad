import type { SessionVerdict } from '../../../machines/registration/session/verdict.js';
import { ownText } from '../../../machines/text/format.js';
import type { SessionFields } from './session-fields.js';

/** A client name with several sessions that were not registered. */
export interface RepeatOffender {
  readonly client: string;
  /** Sessions that ended without being registered. */
  readonly sessions: number;
  /** Median milliseconds from one start to the next, of the first 32. */
  readonly period: number;
  /** The course of each session: `connect, refuse, timeout`; null when they differ. */
  readonly loop: string | null;
}

interface Name {
  sessions: number;
  readonly starts: number[];
  loop: string | null;
}

const fewest = 3;
const mostStarts = 32;

/** The middle of a session's course, by its verdict. */
const deeds: Partial<Record<SessionVerdict, string>> = {
  refused: 'refuse',
  'spoke-first': 'speak',
  'refused-then-spoke': 'refuse, speak',
  'spoke-then-refused': 'speak, refuse',
  silent: 'say nothing',
  left: 'say nothing',
  'closed-before-answer': 'ask',
  'never-answered': 'ask',
  'bad-frame': 'send invalid data',
};

/** Finds repeat offenders among a bounded number of names. */
export class RepeatOffenders {
  readonly #names = new Map<string, Name>();
  readonly #max: number;
  #others = 0;

  /** @param@param max maximum number of names */
  constructor(max: number) {
    this.#max = max;
  }

  /** Number of sessions whose names exceed the limit. */
  get others(): number {
    return this.#others;
  }

  /** Adds a session that ended without a registration. */
  add(session: SessionFields): void {
    if (isOnlyNumber(session)) return;
    const { client, startedAt } = session;
    let name = this.#names.get(client);
    if (!name) {
      if (this.#names.size >= this.#max) {
        this.#others += 1;
        return;
      }
      name = { sessions: 0, starts: [], loop: loopOf(session) };
      this.#names.set(ownText(client), name);
    }
    name.sessions += 1;
    if (name.loop !== loopOf(session)) name.loop = null;
    if (name.starts.length < mostStarts) name.starts.push(startedAt);
  }

  /** Sorted by count, the highest first. */
  result(): RepeatOffender[] {
    return [...this.#names]
      .filter(([, { sessions }]) => sessions >= fewest)
      .sort(([, one], [, other]) => other.sessions - one.sessions)
      .map(([client, { sessions, starts, loop }]) => ({
        client,
        sessions,
        period: medianGap(starts),
        loop,
      }));
  }
}

/** A client without a name is identified by its connection, and connections do not repeat. */
function isOnlyNumber({ client, session, clientType }: SessionFields): boolean {
  return clientType === null && (client === session || /^\d+$/.test(client));
}

/** Sessions arrive in order of their ends, so the starts are sorted first. */
function medianGap(starts: readonly number[]): number {
  const ordered = starts.toSorted((one, other) => one - other);
  const gaps = ordered.slice(1).map((start, index) => start - (ordered[index] ?? start));
  gaps.sort((one, other) => one - other);
  const middle = gaps.length >> 1;
  const upper = gaps[middle] ?? 0;
  return gaps.length % 2 === 1 ? upper : (upper + (gaps[middle - 1] ?? upper)) / 2;
}

function loopOf({ verdict, reason }: SessionFields): string {
  const isTimeout = reason === 'registration-timeout' || reason === 'rejection-timeout';
  const deed = deeds[verdict];
  return ['connect', ...(deed ? [deed] : []), isTimeout ? 'timeout' : 'close'].join(', ');
}
