import { UsageError } from '../exit-codes.js';
import type { Filter } from './filters.js';
import type { Reading } from './reading.js';
import { sessionFields } from './session-fields.js';

/** Sessions that a filter may find where it has to remember them. */
const mostRemembered = 1_000_000;

/** Whether a session is one of those that were asked for. */
export type IsWanted = (session: string, server: string) => boolean;

/**
 * Which sessions a filter holds for. That is known when a session is over, and is needed while it goes on: the logs are read once
 * for it.
 * @throws {UsageError} when the logs cannot be read twice, or when there are too many.
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
          `${why} can remember ${mostRemembered} sessions, and more are asked for; ask for fewer, or for all`,
        ),
      );
    },
  });
  return (session, server) => wanted.get(server)?.has(session) ?? false;
}
