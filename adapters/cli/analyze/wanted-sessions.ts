import { UsageError } from '../exit-codes.js';
import type { Filter } from './filters.js';
import type { Reading } from './reading.js';
import { sessionFields } from './session-fields.js';

/** Maximum number of matching sessions that are remembered. */
const mostRemembered = 1_000_000;

/** Whether a session matches. */
export type IsWanted = (session: string, server: string) => boolean;

/**
 * Finds the sessions that match a filter in a first reading of the logs: the result is known only at the end of a session,
 * and a second reading needs it from the beginning.
 * @throws {UsageError} when the logs cannot be read twice, or when too many sessions match.
 */
export async function wantedSessions(
  reading: Reading,
  filter: Filter,
  why: string,
): Promise<IsWanted> {
  reading.mustBeFiles(why);
  const wanted = new Map<string, Set<string>>();
  let count = 0;
  await reading.read({
    onSession: (session, log) => {
      if (!filter(sessionFields(session, log))) return;
      let ids = wanted.get(log.server);
      if (!ids) {
        ids = new Set();
        wanted.set(log.server, ids);
      }
      ids.add(session.summary.session);
      count += 1;
      if (count <= mostRemembered) return;
      reading.stop(
        new UsageError(
          `${why} can remember ${mostRemembered} sessions, and more match; use a narrower filter, or none`,
        ),
      );
    },
  });
  return (session, server) => wanted.get(server)?.has(session) ?? false;
}
