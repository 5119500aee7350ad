/** Viewed sessions that the gate no longer lists: of an earlier run of the gate, or dropped by it. */
import type { SessionSummary } from '../../../machines/index.js';
import type { FeedBatch } from '../feed/feed-batch.js';
import type { Connection } from '../feed/feed-client.js';
import { type HeldSteps, viewOf } from './held-steps.js';
import type { SessionIndex } from './session-index.js';

export interface UnlistedSession {
  /** The last known summary. */
  readonly summary: SessionSummary;
  /** The time of the last message of the gate, by its clock; null when the connection was not lost. */
  readonly heardAt: number | null;
  /** Whether the gate has restarted since; otherwise it has dropped the session. */
  readonly restarted: boolean;
}

/** The sessions that a batch removes from the gate's list. */
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
  // The steps of a session may have arrived without its summary.
  const known = new Set([...live.ids(), ...held.keys(), ...removed]);
  return [...known].filter((session) => !listed.has(session));
}

/** The changes of the page's state when sessions are removed; call it while they are still in the list. */
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
