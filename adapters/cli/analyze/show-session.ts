import type { ObservedSession } from '../../../machines/registration/observer/observed-session.js';
import type { Finding } from '../../../machines/registration/session/findings.js';
import { verdictSentence, verdictWords } from '../../../machines/registration/session/verdict.js';
import type { Log, LogsRead } from '../../observer/index.js';
import { UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { endObject, type Found, footerLines } from './read-text.js';
import type { Reading } from './reading.js';
import { SeenSteps } from './seen-steps.js';
import { sessionFields } from './session-fields.js';
import { extensionKeys, type SeenSession, sessionText } from './session-ladder.js';

const max = { listed: 20, steps: 10_000, findings: 1_000 };

/** The result of reading the logs for one session. */
interface Search {
  readonly found: { readonly seen: SeenSession; readonly log: Log } | null;
  /** Number of further sessions with that id. */
  readonly others: number;
  /** Sessions whose client has that name: the first ids, and the number. */
  readonly named: readonly string[];
  readonly namedCount: number;
  /** The first sessions of the logs in words, and the number of all. */
  readonly listed: readonly string[];
  readonly sessions: number;
  readonly read: LogsRead;
}

/**
 * Writes one session: its facts and its ladder.
 * @param wanted its id, or the name of a client with exactly one session
 * @throws {UsageError} when the session is not found.
 */
export async function showSession(
  reading: Reading,
  wanted: string,
  output: Output,
): Promise<Found> {
  const first = await search(reading, wanted);
  const { found, others, sessions, read } = first.found
    ? first
    : await search(reading, onlyNamed(first, wanted, reading));
  if (!found) throw new UsageError(notThere(first, wanted));
  const { seen, log } = found;
  const counted = { sessions, matched: 1, findings: seen.session.findings };
  const again =
    others > 0 ? [`${others} more sessions with this id are in these logs; this is the first`] : [];
  const foot = [...again, ...footerLines(counted, read)].map(output.paint.dim);
  output.tell([sessionText(seen, output.paint), '', ...foot].join('\n'), {
    type: 'session',
    ...sessionFields(seen.session, log),
    sentence: verdictSentence(seen.session.summary),
    extension: extensionKeys(seen.steps),
    findingList: seen.findings,
    left: seen.left?.count ?? 0,
    records: seen.steps,
    read: endObject(counted, read),
  });
  return counted;
}

async function search(reading: Reading, wanted: string): Promise<Search> {
  const kept = new SeenSteps(max.steps);
  const findings: Finding[] = [];
  const named: string[] = [];
  const listed: string[] = [];
  let found: { session: ObservedSession; log: Log } | null = null;
  let [sessions, namedCount, others] = [0, 0, 0];
  const read = await reading.read({
    onStep: (step) => {
      if (step.session === wanted && !found) kept.add(step);
    },
    onFinding: (finding) => {
      if (finding.session !== wanted || found || findings.length >= max.findings) return;
      findings.push(finding);
    },
    onSession: (session, log) => {
      const { summary, client } = session;
      sessions += 1;
      if (listed.length < max.listed) {
        listed.push(`${summary.session} (${client}, ${verdictWords(summary)})`);
      }
      if (client === wanted) {
        namedCount += 1;
        if (named.length < max.listed) named.push(summary.session);
      }
      if (summary.session !== wanted) return;
      if (found) others += 1;
      else found = { session, log };
    },
  });
  // It is set in a callback, which TypeScript does not see.
  const one = found as { session: ObservedSession; log: Log } | null;
  const seen = one && {
    seen: { session: one.session, findings, ...kept.result() },
    log: one.log,
  };
  return { found: seen, others, named, namedCount, listed, sessions, read };
}

/** The id of the only session of a client. @throws {UsageError} */
function onlyNamed(search: Search, wanted: string, reading: Reading): string {
  const { named, namedCount } = search;
  const [id] = named;
  if (id === undefined) throw new UsageError(notThere(search, wanted));
  if (namedCount > 1) {
    const problem = `${JSON.stringify(wanted)} is the name of ${namedCount} sessions; choose one with --session`;
    throw new UsageError(`${problem}: ${upTo(named, namedCount)}`);
  }
  if (reading.isPipe) {
    throw new UsageError(
      `${JSON.stringify(wanted)} is the name of a client, and standard input can be read only once; use --session ${JSON.stringify(id)}`,
    );
  }
  return id;
}

function notThere({ listed, sessions }: Search, wanted: string): string {
  if (sessions === 0) return 'no sessions in these logs';
  return `unknown session ${JSON.stringify(wanted)}; expected one of: ${upTo(listed, sessions)}`;
}

function upTo(names: readonly string[], count: number): string {
  const more = count - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
