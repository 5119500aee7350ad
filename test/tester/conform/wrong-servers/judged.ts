import { type ConformReport, conform, endpointTarget } from '../../../../adapters/tester/index.js';
import type { Suite } from '../../../../machines/index.js';
import { patient, plainServer, registrationTimeout, rejectionTimeout } from './plain-server.js';
import type { SecondAnswer } from './second-answers.js';

/** Plays a suite against a server, without a search for the shortest sessions; again when a busy machine left cases inconclusive. */
export async function judgedBy(
  suite: Suite,
  Session: SecondAnswer['Session'],
  attempts = 3,
): Promise<ConformReport> {
  await using server = await plainServer(Session);
  const report = await conform({
    target: endpointTarget(server.endpoint),
    suite,
    registrationTimeout,
    rejectionTimeout,
    learnTimerPolicy: false,
    connections: 32,
    replays: 0,
    ...patient,
  });
  return report.inconclusive.length > 0 && attempts > 1
    ? judgedBy(suite, Session, attempts - 1)
    : report;
}

/** The differences of a report, as far as the tables of servers have them. */
export function differencesOf({ failures }: ConformReport) {
  return failures.map(({ code, difference, isDocumented }) => ({
    code,
    sentence: difference.sentence,
    documented: isDocumented,
  }));
}
