import { createServer, deadlineClock, invalid, valid } from '../../adapters/server/index.js';
import {
  type CaseResult,
  memoryTarget,
  playCase,
  type Stalls,
} from '../../adapters/tester/index.js';
import {
  type Case,
  type ChartTable,
  figureClients,
  RegistrationRunner,
  type SeatDelays,
} from '../../machines/index.js';

/** Short, and as one to the other as the default ones: mutants do the same with both. */
export const timeouts: SeatDelays = { registrationTimeout: 800, rejectionTimeout: 400 };

/** How long a client waits for an answer, in milliseconds. */
const shortPatience = 600;

/**
 * Plays a case on a gate that runs a chart.
 * @param table null for a gate as it is. @param slower so many times longer is every duration.
 */
export async function playOn(
  table: ChartTable | null,
  one: Case,
  stalls: Stalls,
  slower: number,
): Promise<CaseResult> {
  const registrationTimeout = timeouts.registrationTimeout * slower;
  const rejectionTimeout = timeouts.rejectionTimeout * slower;
  const patience = shortPatience * slower;
  const gate = await createServer({
    registrationTimeout,
    rejectionTimeout,
    // Some answer their own answers for ever.
    maxUnsent: 4_096,
    maxUnsentUnregistered: 4_096,
    validator: ({ clientName }) =>
      clientName === figureClients.valid.clientName ? valid : invalid('unknown name'),
    onMessage: ({ reply }) => void reply.ack(),
    ...(table && {
      actorIn: (seat) => new RegistrationRunner({ seat, table, clock: deadlineClock }),
    }),
  });
  try {
    const from = performance.now();
    const result = await playCase(one, memoryTarget(gate), {
      timeouts: { registrationTimeout, rejectionTimeout },
      patience,
      stalls,
    });
    // Who was held up for so long cannot say that an answer did not come.
    const isDoubtful = result.difference?.came === 'nothing';
    if (!isDoubtful || stalls.longestSince(from) < patience / 2) return result;
    return { ...result, verdict: 'not-judged', why: 'the tester was held up', difference: null };
  } finally {
    // Some have forgotten how to end a connection: nobody waits for it.
    void gate.close();
  }
}
