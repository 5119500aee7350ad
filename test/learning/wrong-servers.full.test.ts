/** Servers with a mistake, learned over sockets: each differs from the figure, and the first difference has a shortest session. */
import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { learnServer, registrationOf } from '../../adapters/tester/learning/learn-server.js';
import {
  type PlainSession,
  plainServer,
  PlainSession as RightSession,
} from '../tester/conform/wrong-servers/plain-server.js';
import * as wrong from '../tester/conform/wrong-servers/wrong-sessions.js';

vi.setConfig({ testTimeout: 180_000 });

type Session = new (socket: Socket) => PlainSession;
const deadlines = { registrationTimeout: 400, rejectionTimeout: 200 };

/** The differences of a server, e.g. `clock register-invalid`. */
async function differencesOf(Session: Session): Promise<string[]> {
  await using server = await plainServer(Session, deadlines);
  const { endpoint } = server;
  const subject = await registrationOf({ endpoint, ...deadlines });
  const options = { endpoint, subject, connections: 32, maxConnections: 3_000 };
  const { file } = await learnServer(options);
  return file.differences.map(({ kind, witness }) => `${kind} ${witness.join(' ')}`);
}

describe('a wrong server differs from the figure', () => {
  it.each<[string, Session, string]>([
    ['never closes', wrong.NeverCloses, 'timeout silence'],
    ['never closes the refused', wrong.NeverClosesTheRefused, 'timeout register-invalid silence'],
    ['acknowledges every client', wrong.AcknowledgesEverybody, 'output register-invalid'],
    ['acknowledges unregistered clients', wrong.AcknowledgesStrangers, 'output other'],
    [
      'restarts the deadline with each error',
      wrong.RestartsTheDeadline,
      'clock register-invalid register-invalid',
    ],
    ['answers twice', wrong.AnswersTwice, 'output register-invalid'],
    ['is silent', wrong.Silent, 'output register'],
    ['refuses every client', wrong.RefusesEverybody, 'output register'],
    [
      'lets the clock of the connect run on in registered',
      wrong.KeepsTheClockRunning,
      'timeout register silence',
    ],
    [
      'refuses every client that it refused before',
      wrong.NoSecondChance,
      'output register-invalid register',
    ],
    ['does not answer unregistered clients', wrong.LetsStrangersSpeak, 'output other'],
    ['closes right after EventError', wrong.ClosesWithTheError, 'output register-invalid'],
    ['ignores invalid frames', wrong.IgnoresBrokenFrames, 'output not-json'],
    ['stays after an invalid frame', wrong.StaysAfterBrokenFrames, 'output not-json'],
    ['closes without an EventError', wrong.ClosesWithoutAWord, 'output not-json'],
    ['sends a greeting', wrong.Greets, 'output register'],
    ['has one absolute deadline', wrong.KeepsTheFirstDeadline, 'clock register-invalid'],
    ['registers the registered again', wrong.RegistersTwice, 'output register register'],
    ['closes the registered', wrong.ClosesTheRegistered, 'output register'],
    ['answers in another protocol', wrong.AnswersInAnotherTongue, 'output register'],
    [
      'stops the clock for an EventAck of a client',
      wrong.StrayAckStopsTheClock,
      'timeout event-ack silence',
    ],
    [
      'restarts the clock for the first two errors',
      wrong.RestartsTheDeadlineOnce,
      'clock register-invalid register-invalid',
    ],
    [
      'has two deadlines of which the first ends',
      wrong.FirstDeadlineWins,
      'clock register-invalid',
    ],
    ['answers with wrong reference ids', wrong.WrongReferenceId, 'output register'],
    ['sends errors without a code', wrong.ErrorWithoutCode, 'output register-invalid'],
    [
      'hangs up at the third error',
      wrong.HangsUpAtTheThirdError,
      'output register-invalid register-invalid register-invalid',
    ],
  ])('that %s', async (_mistake, Session, first) => {
    expect((await differencesOf(Session))[0]).toBe(first);
  });
});

describe('no difference has', () => {
  it.each<[string, Session]>([
    ['a right server', RightSession],
    ['a right server whose service does not answer', wrong.MuteService],
  ])('%s', async (_server, Session) => {
    expect(await differencesOf(Session)).toEqual([]);
  });
});
