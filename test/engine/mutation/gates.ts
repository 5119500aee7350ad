import { createServer, deadlineClock, invalid, valid } from '../../../adapters/server/index.js';
import {
  type CaseResult,
  memoryTarget,
  playCase,
  type StallMonitor,
} from '../../../adapters/tester/index.js';
import {
  type Case,
  type ChartTable,
  figureClients,
  RegistrationRunner,
  type SeatDelays,
} from '../../../machines/index.js';

/** Short delays with the ratio of the default ones: mutants behave equally with both. */
export const timeouts: SeatDelays = { registrationTimeout: 800, rejectionTimeout: 400 };

/** How long a client waits for an answer, in milliseconds. */
const shortTimeout = 600;

/**
 * Plays a case on a gate that runs a chart.
 * @param table null for a gate without a mistake. @param slower the factor for all durations.
 */
export async function playOn(
  table: ChartTable | null,
  one: Case,
  stallMonitor: StallMonitor,
  slower: number,
): Promise<CaseResult> {
  const registrationTimeout = timeouts.registrationTimeout * slower;
  const rejectionTimeout = timeouts.rejectionTimeout * slower;
  const responseTimeout = shortTimeout * slower;
  const gate = await createServer({
    registrationTimeout,
    rejectionTimeout,
    // Some mutants answer their own answers for ever.
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
      responseTimeout,
      stallMonitor,
    });
    // A process that stalled this long cannot tell that no answer came.
    const isDoubtful = result.difference?.came === 'nothing';
    if (!isDoubtful || stallMonitor.longestSince(from) < responseTimeout / 2) return result;
    return {
      ...result,
      verdict: 'inconclusive',
      reason: 'the tester was stalled',
      difference: null,
    };
  } finally {
    // Some mutants never close a connection: the test does not wait for it.
    void gate.close();
  }
}
