/** Servers with different timer policies, and how they are judged. */
import {
  type CaseDifferenceCode,
  type ConformOptions,
  type ConformReport,
  conform,
  endpointTarget,
} from '../../../../adapters/tester/index.js';
import type { ServerInput, TimerPolicy } from '../../../../machines/index.js';
import { suiteByHand } from '../suite-by-hand.js';
import {
  PlainSession,
  patient,
  plainServer,
  registrationTimeout,
  rejectionTimeout,
} from '../wrong-servers/plain-server.js';
import * as wrong from '../wrong-servers/wrong-sessions.js';

const suite = suiteByHand(
  [
    ['silence'],
    ['register', 'other', 'silence'],
    ['register-invalid', 'other', 'silence'],
    ['register-malformed', 'silence'],
    ['wait', 'other', 'silence'],
    ['other', 'wait', 'other', 'silence'],
    ['other', 'wait', 'register', 'silence'],
    ['other', 'wait', 'other', 'wait', 'other', 'silence'],
  ] satisfies ServerInput[][],
  'ack',
);

/** `learn`: with given timeouts. `measure`: without. */
type Mode = 'learn' | 'figure' | 'measure';

/** Judges a server; again when a busy machine left cases inconclusive, or disturbed what was learned. */
export async function judged(
  Session: typeof PlainSession,
  mode: Mode,
  isDone: (report: ConformReport) => boolean,
): Promise<ConformReport> {
  const given = { registrationTimeout, rejectionTimeout };
  const options: Partial<ConformOptions> = mode === 'measure' ? { measureFor: 3_000 } : given;
  for (let attempt = 1; ; attempt += 1) {
    await using server = await plainServer(Session);
    const target = endpointTarget(server.endpoint);
    const learnTimerPolicy = mode !== 'figure';
    const report = await conform({ target, suite, ...options, ...patient, learnTimerPolicy });
    const isJudged = report.inconclusive.length === 0 && isDone(report);
    if (isJudged || attempt === 4) return report;
  }
}

export async function inParallel<Key, Value>(
  keys: readonly Key[],
  work: (key: Key) => Promise<Value>,
): Promise<Map<Key, Value>> {
  const waiting = [...keys];
  const found = new Map<Key, Value>();
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      found.set(next, await work(next));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return found;
}

/** A server of each policy. */
export const policies: readonly {
  readonly Session: typeof PlainSession;
  readonly learned: TimerPolicy;
  /** The differences from the policy of this project. */
  readonly codes: readonly CaseDifferenceCode[];
}[] = [
  {
    Session: PlainSession,
    learned: { firstError: 'replaces', laterErrors: 'keeps' },
    codes: [],
  },
  {
    Session: wrong.KeepsTheFirstDeadline,
    learned: { firstError: 'absolute', laterErrors: 'keeps' },
    codes: ['timeout-too-long', 'timeout-too-short'],
  },
  {
    Session: wrong.FirstDeadlineWins,
    learned: { firstError: 'first-wins', laterErrors: 'keeps' },
    codes: ['timeout-too-short'],
  },
  {
    Session: wrong.RestartsTheDeadline,
    learned: { firstError: 'replaces', laterErrors: 'restarts' },
    codes: ['deadline-restarted'],
  },
  {
    Session: wrong.FirstDeadlineWinsAndRestarts,
    learned: { firstError: 'first-wins', laterErrors: 'restarts' },
    codes: ['timeout-too-short', 'deadline-restarted'],
  },
];

export function codesOf({ failures }: ConformReport): CaseDifferenceCode[] {
  return failures.map(({ code }) => code);
}
