/** Sessions that were looked at and that the gate does not list any more: of a gate before, or forgotten. */
import type { SessionSummary } from '../../../machines/index.js';
import type { FeedBatch } from '../feed/feed-batch.js';
import type { Connection } from '../feed/feed-client.js';
import { type HeldSteps, viewOf } from './held-steps.js';
import type { SessionIndex } from './session-index.js';

export interface UnlistedSession {
  /** As it was last known. */
  readonly summary: SessionSummary;
  /** When the gate was last heard of, by its clock; null when it was there all the time. */
  readonly heardAt: number | null;
  /** Whether the gate was started again since; otherwise it has forgotten the session. */
  readonly restarted: boolean;
}

/** The part of the page's state that is needed to find them. */
interface KnownSessions {
  readonly live: SessionIndex;
  readonly held: ReadonlyMap<string, HeldSteps>;
  readonly connection: Connection;
  readonly lostAt: number | null;
  readonly run: string | null;
  readonly unlisted: ReadonlyMap<string, UnlistedSession>;
}

/** The sessions that a batch takes from the gate's list. */
export function goneWith(
  { removed, listed }: FeedBatch,
  { live, held }: Pick<KnownSessions, 'live' | 'held'>,
): string[] {
  if (listed === null) return [...removed];
  // Steps of a session may have come and its summary never.
  const known = new Set([...live.ids(), ...held.keys(), ...removed]);
  return [...known].filter((session) => !listed.has(session));
}

/** What changes in the state of the page when sessions are gone; call it while they are still in the list. */
export function unlistedAfter(
  gone: readonly string[],
  { listed }: FeedBatch,
  { live, held, connection, lostAt, run, unlisted }: KnownSessions,
): Pick<KnownSessions, 'run' | 'unlisted'> {
  const current = listed && connection.phase === 'open' ? connection.run : run;
  if (gone.length === 0) return { run: current, unlisted };
  const next = new Map([...unlisted].filter(([session]) => held.has(session)));
  for (const session of gone) {
    const steps = held.get(session);
    const summary = steps && viewOf('live', live.get(session), steps)?.summary;
    if (!summary || next.has(session)) continue;
    const heardAt = listed ? lostAt : null;
    next.set(session, { summary, heardAt, restarted: current !== run });
  }
  return { run: current, unlisted: next };
}
