import type { PassiveSession } from '../../../machines/engine/learning/passive-session.js';
import { SessionReader } from '../../../machines/registration/learning/session-reader.js';
import type { LogsRead } from '../../observer/index.js';
import type { Reading } from '../analyze/reading.js';

export interface RecordedSessions {
  readonly read: LogsRead;
  /** Sessions that are not judged at all, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Sessions whose end is not judged, by the reason of the end. */
  readonly outside: ReadonlyMap<string, number>;
}

/** Reads recordings and logs session by session. Only open sessions are kept. @throws as `Reading.read` */
export async function readSessions(
  reading: Reading,
  onSession: (session: PassiveSession) => void,
): Promise<RecordedSessions> {
  const open = new Map<string, SessionReader>();
  const leftOut = new Map<string, number>();
  const outside = new Map<string, number>();
  const count = (counts: Map<string, number>, what: string) =>
    counts.set(what, (counts.get(what) ?? 0) + 1);
  const keyOf = (server: string, session: string) => `${server}\n${session}`;
  const read = await reading.read({
    onStep: (step, { server }) => {
      const key = keyOf(server, step.session);
      const known = open.get(key) ?? new SessionReader(step.session);
      open.set(key, known);
      known.add(step);
    },
    onSession: ({ summary, proxy }, { server }) => {
      const key = keyOf(server, summary.session);
      const reader = open.get(key);
      open.delete(key);
      if (!reader) return;
      const { session } = reader;
      if (proxy !== null) count(leftOut, 'behind a proxy');
      else if (session === null) count(leftOut, 'without a beginning');
      else onSession(session);
      if (reader.outside !== null) count(outside, reader.outside);
    },
  });
  return { read, leftOut, outside };
}
