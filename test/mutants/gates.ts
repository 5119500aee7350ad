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
  type SeatDelays,
  TableRunner,
} from '../../machines/index.js';

/** Short, and as one to the other as the default ones: mutants do the same with both. */
export const timeouts: SeatDelays = { registrationTimeout: 800, rejectionTimeout: 400 };

/** How long a client waits for an answer, in milliseconds. */
const patience = 600;

/** Plays a case on a gate that runs a chart; without one, on a gate as it is. */
export async function playOn(
  table: ChartTable | null,
  one: Case,
  stalls: Stalls,
): Promise<CaseResult> {
  const gate = await createServer({
    ...timeouts,
    // Some answer their own answers for ever.
    maxUnsent: 4_096,
    maxUnsentUnregistered: 4_096,
    validator: ({ clientName }) =>
      clientName === figureClients.valid.clientName ? valid : invalid('unknown name'),
    onMessage: ({ reply }) => void reply.ack(),
    ...(table && { actorIn: (seat) => new TableRunner({ seat, table, clock: deadlineClock }) }),
  });
  try {
    for (;;) {
      const from = performance.now();
      const result = await playCase(one, memoryTarget(gate), { timeouts, patience, stalls });
      // Who was held up for so long cannot say that an answer did not come.
      if (stalls.longestSince(from) < patience / 2) return result;
    }
  } finally {
    // Some of them have forgotten how to end a connection: nobody waits for it.
    void gate.close();
  }
}
