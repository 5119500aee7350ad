import type { Socket } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CaseDifferenceCode,
  type ConformReport,
  conform,
  endpointTarget,
  playCase,
} from '../../../../adapters/tester/index.js';
import type { Case, ServerInput } from '../../../../machines/index.js';
import { suiteByHand } from '../suite-by-hand.js';
import {
  type PlainSession,
  patient,
  plainServer,
  PlainSession as RightSession,
  registrationTimeout,
  rejectionTimeout,
} from './plain-server.js';
import * as wrong from './wrong-sessions.js';

const cases: ServerInput[][] = [
  ['silence'],
  ['register', 'other', 'silence'],
  ['register', 'register'],
  ['register-invalid', 'other', 'silence'],
  ['other', 'wait', 'other', 'silence'],
  ['other', 'register', 'silence'],
  ['event-ack', 'silence'],
  ['register-malformed', 'silence'],
  ['wait', 'register'],
  ['not-json'],
  ['other', 'no-name'],
  ['register', 'too-long'],
];

/** Judges a server; again when a busy machine left cases inconclusive. */
async function judged(endpoint: string, attempts = 4): Promise<ConformReport> {
  const report = await conform({
    target: endpointTarget(endpoint),
    suite: suiteByHand(cases, 'ack'),
    registrationTimeout,
    rejectionTimeout,
    ...patient,
  });
  return report.inconclusive.length > 0 && attempts > 1 ? judged(endpoint, attempts - 1) : report;
}

interface Mistake {
  readonly Session: new (socket: Socket) => PlainSession;
  readonly code: CaseDifferenceCode;
  readonly sentence: RegExp;
  readonly shortest: string;
  readonly documented: boolean;
}

/** Whether a figure shows the difference, or it is this project's own choice. */
const [documented, own] = [true, false];

function found(
  Session: Mistake['Session'],
  code: CaseDifferenceCode,
  shortest: string,
  isDocumented: boolean,
  sentence: RegExp,
): Mistake {
  return { Session, code, shortest, documented: isDocumented, sentence };
}

const mistakes: Record<string, Mistake> = {
  'never closes': found(
    wrong.NeverCloses,
    'never-disconnected',
    'silence',
    own,
    /^The server had not disconnected \d+ ms after the connect\.$/,
  ),
  'never closes the refused': found(
    wrong.NeverClosesTheRefused,
    'never-disconnected',
    'register-malformed,silence',
    documented,
    /^The server had not disconnected \d+ ms after the first EventError\.$/,
  ),
  'acknowledges every client': found(
    wrong.AcknowledgesEverybody,
    'wrong-message',
    'register-invalid',
    documented,
    /^The server acknowledged a client that is not valid\.$/,
  ),
  'acknowledges whatever asks to register': found(
    wrong.AcknowledgesEverybody,
    'wrong-message',
    'register-malformed',
    own,
    /^The server acknowledged a RequestRegisterClient whose attributes are wrong\.$/,
  ),
  'acknowledges unregistered clients': found(
    wrong.AcknowledgesStrangers,
    'wrong-message',
    'other',
    documented,
    /^The server acknowledged a message of a client that is not registered\.$/,
  ),
  'answers with the wrong reference id': found(
    wrong.WrongReferenceId,
    'wrong-reference-id',
    'register',
    documented,
    /^EventAck carries the wrong reference id: 8; it answers RequestRegisterClient \(reference id 1\)\.$/,
  ),
  'answers twice': found(
    wrong.AnswersTwice,
    'answered-twice',
    'other',
    documented,
    /^The server answered RequestAgentLogin \(reference id 1\) twice: EventError came after the answer\.$/,
  ),
  'is silent': found(
    wrong.Silent,
    'silent',
    'register',
    documented,
    /^The server did not answer RequestRegisterClient \(reference id 1\) within \d+ ms\.$/,
  ),
  'refuses every client': found(
    wrong.RefusesEverybody,
    'wrong-message',
    'register',
    documented,
    /^The server refused a client that is valid, error code 2: "no"\.$/,
  ),
  'keeps the registration deadline running after EventAck': found(
    wrong.KeepsTheClockRunning,
    'not-left-open',
    'register,silence',
    documented,
    /^The server disconnected a registered client \d+ ms after RequestRegisterClient \(reference id 1\): its registration deadline still ran\.$/,
  ),
  'refuses every client that it refused before': found(
    wrong.NoSecondChance,
    'wrong-message',
    'other,register',
    own,
    /^The server refused a client that is valid after an earlier refusal, error code 2: "no"\.$/,
  ),
  'accepts messages of unregistered clients': found(
    wrong.LetsStrangersSpeak,
    'silent',
    'other',
    documented,
    /^The server did not answer RequestAgentLogin \(reference id 1\) within \d+ ms\.$/,
  ),
  'closes right after EventError': found(
    wrong.ClosesWithTheError,
    'timeout-too-short',
    'register-invalid',
    documented,
    /^The server disconnected \d+ ms after the first EventError; its rejection timeout is 450 ms\.$/,
  ),
  'ignores invalid frames': found(
    wrong.IgnoresBrokenFrames,
    'silent',
    'not-json',
    own,
    /^The server did not answer an invalid frame \(not JSON\) within \d+ ms\.$/,
  ),
  'stays after an invalid frame': found(
    wrong.StaysAfterBrokenFrames,
    'not-closed',
    'not-json',
    own,
    /^The server had not disconnected \d+ ms after an invalid frame \(not JSON\)\.$/,
  ),
  'closes without an EventError after an invalid frame': found(
    wrong.ClosesWithoutAWord,
    'disconnected-early',
    'not-json',
    own,
    /^The server disconnected \d+ ms after an invalid frame \(not JSON\) instead of sending EventError\.$/,
  ),
  'sends an unsolicited greeting': found(
    wrong.Greets,
    'unsolicited-message',
    'register',
    own,
    /^The server sent EventGreeting without a request\.$/,
  ),
  'sends errors without a code': found(
    wrong.ErrorWithoutCode,
    'incomplete-error',
    'other',
    documented,
    /^EventError lacks its error code \(a whole number\) or its description \(text\)\.$/,
  ),
  'registers the registered again': found(
    wrong.RegistersTwice,
    'wrong-message',
    'register,register',
    own,
    /^The server acknowledged a client that is registered already\.$/,
  ),
  'closes the registered': found(
    wrong.ClosesTheRegistered,
    'not-left-open',
    'register',
    documented,
    /^The server disconnected a registered client \d+ ms after RequestRegisterClient \(reference id 1\)\.$/,
  ),
  'answers in another protocol': found(
    wrong.AnswersInAnotherTongue,
    'invalid-frame',
    'register',
    documented,
    /^The server sent an invalid frame: the frame is not JSON; it must be one JSON object\.$/,
  ),
  'stops the clock for a stray EventAck': found(
    wrong.StrayAckStopsTheClock,
    'never-disconnected',
    'event-ack,silence',
    documented,
    /^The server had not disconnected \d+ ms after the first EventError\.$/,
  ),
};

describe('a server that is right', () => {
  it('holds, though not a line of ixgate is in it', async () => {
    await using server = await plainServer(RightSession);
    const report = await judged(server.endpoint);
    expect(report.failures.map(({ difference }) => difference)).toEqual([]);
    expect(report.inconclusive).toEqual([]);
    expect(report.passed).toBe(true);
  });
});

describe('a server that is wrong is found', () => {
  const reports = new Map<string, ConformReport>();
  // The cases mostly wait for deadlines, so running several in parallel costs little.
  beforeAll(async () => {
    const waiting = Object.entries(mistakes);
    const judging = Array.from({ length: 8 }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [what, { Session }] = next;
        await using server = await plainServer(Session);
        reports.set(what, await judged(server.endpoint));
      }
    });
    await Promise.all(judging);
  });

  it.each(Object.entries(mistakes))('%s', (what, mistake) => {
    const report = reports.get(what);
    const failures = report?.failures.map((one) => ({
      code: one.code,
      sentence: one.difference.sentence,
      shortest: one.shortest.case.id,
      documented: one.isDocumented,
    }));
    const { Session: _, sentence, ...rest } = mistake;
    expect(failures).toContainEqual({ ...rest, sentence: expect.stringMatching(sentence) });
    for (const one of failures ?? []) expect(one.sentence).not.toMatch(/[\n\r]/);
    expect(report?.passed).toBe(false);
  });

  it('which closes at once, before it is said anything', async () => {
    await using server = await plainServer(wrong.ClosesAtOnce);
    const [one] = suiteByHand([['silence']]);
    const target = endpointTarget(server.endpoint);
    const timeouts = { registrationTimeout, rejectionTimeout };
    const { difference } = await playCase(one as Case, target, { timeouts, ...patient });
    expect(difference?.code).toBe('timeout-too-short');
    expect(difference?.sentence).toMatch(
      /^The server disconnected \d+ ms after the connect; its registration timeout is 900 ms\.$/,
    );
  });
});
