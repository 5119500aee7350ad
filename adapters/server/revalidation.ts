import type { RequestRegisterClient } from '../../machines/index.js';
import { toError } from '../runtime/errors.js';
import type { ManagedSession } from './admitted-connection.js';
import { type Verdict, verdictFrom } from './validator.js';

/** Milliseconds of a turn of the event loop that a revalidation may take. */
const revalidationTurn = 5;

/** Decides again on a registration that was granted. */
export type Recheck = (request: RequestRegisterClient) => Verdict | boolean;

/**
 * Checks registered sessions again and revokes those that are invalid. It yields to other work every 5 ms.
 * @param problem called when `recheck` throws; the session stays
 * @returns the number of revoked sessions
 */
export async function revalidate(
  sessions: readonly ManagedSession[],
  recheck: Recheck,
  problem: (error: Error) => void,
): Promise<number> {
  let revoked = 0;
  let turnEnds = performance.now() + revalidationTurn;
  for (const session of sessions) {
    if (performance.now() > turnEnds) {
      await new Promise((resolve) => setImmediate(resolve));
      turnEnds = performance.now() + revalidationTurn;
    }
    const { registration } = session;
    if (!session.isRegistered || registration === null) continue;
    try {
      const verdict = verdictFrom(recheck(registration));
      if (verdict.valid) continue;
      session.revoke(verdict.reason);
      revoked += 1;
    } catch (error) {
      problem(toError(error));
    }
  }
  return revoked;
}
