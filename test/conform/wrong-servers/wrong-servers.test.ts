import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  type CaseDifferenceCode,
  type ConformReport,
  conform,
  endpointTarget,
} from '../../../adapters/tester/index.js';
import type { ServerInput } from '../../../machines/index.js';
import { suiteByHand } from '../suite-by-hand.js';
import {
  type PlainSession,
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

function judged(endpoint: string): Promise<ConformReport> {
  return conform({
    target: endpointTarget(endpoint),
    suite: suiteByHand(cases, 'ack'),
    registrationTimeout,
    rejectionTimeout,
    margin: 60,
    patience: 400,
  });
}

interface Mistake {
  readonly Session: new (socket: Socket) => PlainSession;
  readonly code: CaseDifferenceCode;
  readonly sentence: RegExp;
  readonly shortest: string;
  readonly documented: boolean;
}

const shown = { documented: true } as const;
const own = { documented: false } as const;

const mistakes: Record<string, Mistake> = {
  'never closes': {
    Session: wrong.NeverCloses,
    code: 'never-disconnected',
    sentence: /^The server had not disconnected \d+ ms after the first EventError\.$/,
    shortest: 'other silence',
    ...shown,
  },
};

describe('a server that is right', () => {
  it('holds, though not a line of ixgate is in it', async () => {
    await using server = await plainServer(RightSession);
    const report = await judged(server.endpoint);
    expect(report.failures.map(({ difference }) => difference)).toEqual([]);
    expect(report.notJudged).toEqual([]);
    expect(report.held).toBe(true);
  });
});

describe('a server that is wrong is found', () => {
  it.concurrent.each(Object.entries(mistakes))('%s', async (_what, mistake) => {
    await using server = await plainServer(mistake.Session);
    const report = await judged(server.endpoint);
    expect(report.held).toBe(false);
    const found = report.failures.map(({ code, difference, shortest, isDocumented }) => ({
      code,
      sentence: difference.sentence,
      shortest: shortest.case.id,
      documented: isDocumented,
    }));
    const { Session: _Session, sentence, ...rest } = mistake;
    expect(found).toContainEqual({ ...rest, sentence: expect.stringMatching(sentence) });
    for (const one of found) expect(one.sentence).not.toMatch(/[\n\r]/);
  });
});
