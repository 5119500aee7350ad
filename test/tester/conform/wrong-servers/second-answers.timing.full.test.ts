import { describe, expect, it } from 'vitest';
import { type Criterion, ServerModel, suiteOf } from '../../../../machines/index.js';
import { ixgate } from '../../../cli/in-process.js';
import { differencesOf, judgedBy } from './judged.js';
import { plainServer } from './plain-server.js';
import { AcknowledgesTwice, rightServices, secondAnswers } from './second-answers.js';

/** As `ixgate conform` plays them by default: the answers of the service are unknown. */
const suites = (['transitions', 'w1'] satisfies Criterion[]).map((criterion) =>
  suiteOf(new ServerModel({ answers: 'any' }), criterion),
);

describe.concurrent.each(suites)('$criterion finds a server that', (suite) => {
  it.each(Object.entries(secondAnswers))(
    '%s',
    async (_, { Session, sentence, ...rest }) => {
      const report = await judgedBy(suite, Session);
      const wording = expect.stringMatching(sentence);
      expect(differencesOf(report)).toContainEqual({ ...rest, sentence: wording });
      expect(report.passed).toBe(false);
    },
    60_000,
  );
});

describe.concurrent.each(suites)('$criterion passes a service that', (suite) => {
  it.each(Object.entries(rightServices))(
    '%s',
    async (_, Session) => {
      const report = await judgedBy(suite, Session);
      expect(differencesOf(report)).toEqual([]);
      expect(report.passed).toBe(true);
    },
    60_000,
  );
});

describe('ixgate conform --criterion w1', () => {
  it.each(['any', 'ack', 'none'])(
    'draws the shortest session with the second answer with --answers %s, exit 6',
    async (answers) => {
      await using server = await plainServer(AcknowledgesTwice);
      const known = ['--registration-timeout', '900ms', '--rejection-timeout', '450ms'];
      const args = [...known, '--margin', '150ms', '--answers', answers, '--criterion', 'w1'];
      const { code, stdout } = await ixgate(['conform', server.endpoint, ...args]);
      expect(stdout).toContain('shortest session: register\n');
      expect(stdout).toMatch(
        /EventAck \(reference id 1\) .*\n.*<-+\|.*\n.*EventAck \(reference id 1\) .*\n.*<-+\|.* FAIL\n/,
      );
      expect(stdout).toContain(
        'The server answered RequestRegisterClient (reference id 1) twice: EventAck came after the answer.\n',
      );
      expect(code).toBe(6);
    },
    60_000,
  );
});
