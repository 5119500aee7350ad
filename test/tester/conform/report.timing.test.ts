import { describe, expect, it } from 'vitest';
import { conformJunit } from '../../../adapters/cli/testing/conform-junit.js';
import {
  type ConformOptions,
  conform,
  endpointTarget,
  keptCases,
  recordedFailures,
  renderConform,
} from '../../../adapters/tester/index.js';
import { parseRecording, readSuite, type ServerInput, suiteText } from '../../../machines/index.js';
import { suiteByHand } from './suite-by-hand.js';
import {
  PlainSession,
  patient,
  plainServer,
  registrationTimeout,
  rejectionTimeout,
} from './wrong-servers/plain-server.js';
import * as wrong from './wrong-servers/wrong-sessions.js';

const suite = suiteByHand(
  [
    ['register', 'other', 'register'],
    ['register-invalid', 'silence'],
    ['other', 'register'],
    ['register', 'not-json'],
    ['silence'],
  ] satisfies ServerInput[][],
  'any',
);

async function played(Session: typeof PlainSession, options: Partial<ConformOptions> = {}) {
  await using server = await plainServer(Session);
  return await conform({
    target: endpointTarget(server.endpoint),
    suite,
    registrationTimeout,
    rejectionTimeout,
    learnTimerPolicy: false,
    ...patient,
    ...options,
  });
}

describe.concurrent('the report', () => {
  it('has the verdict in its first line, and the number of differences', async () => {
    const [pass] = renderConform(await played(PlainSession)).split('\n');
    expect(pass).toMatch(
      /^pass {2}tcp:\/\/127\.0\.0\.1:\d+: all 5 cases of by hand passed \(\d+ connections, 10 inputs passed, .*\)$/,
    );
    const [fail] = renderConform(await played(wrong.IgnoresBrokenFrames)).split('\n');
    expect(fail).toMatch(
      /^FAIL {2}tcp:.* differs from the model: 1 difference, seen in 1 of 5 cases of by hand \(/,
    );
  });

  it('draws the shortest session of a difference, with its waits', async () => {
    const text = renderConform(await played(wrong.NeverClosesTheRefused));
    expect(text).toContain('shortest session: register-invalid,silence\n');
    expect(text).toMatch(/\n {2}Client +Interaction Server\n/);
    expect(text).toMatch(/~ nothing, until shortly after the deadline ~/);
    expect(text).toMatch(/The server had not disconnected \d+ ms after the first EventError\.\n/);
  });

  it('has a verdict for each documented edge; where a case stops at a difference, what came before counts', async () => {
    const { edges } = await played(wrong.NeverClosesTheRefused);
    const documented = edges.filter(({ figures }) => figures.length > 0);
    expect(documented.map(({ edge, verdict }) => [edge, verdict])).toEqual([
      ['connecting:Connected', 'pass'],
      ['awaiting:RequestRegisterClient', 'pass'],
      ['awaiting:OtherMessage', 'pass'],
      ['validating:EventAck', 'pass'],
      ['validating:EventError', 'pass'],
      ['refusing:EventError', 'pass'],
      ['registration:EventError', 'pass'],
      ['rejection:rejectionTimeout', 'fail'],
    ]);
    const one = suiteByHand([['silence']]);
    const few = await played(PlainSession, { suite: one });
    expect(few.edges.find(({ edge }) => edge === 'validating:EventAck')?.verdict).toBe(
      'not-reached',
    );
  });

  it('lists differences outside the figures without counting them, with documentedOnly', async () => {
    const report = await played(wrong.NoSecondChance, { documentedOnly: true });
    expect(report.passed).toBe(true);
    expect(report.failures.map(({ code, isDocumented }) => [code, isDocumented])).toEqual([
      ['wrong-message', false],
    ]);
    const own = report.edges.find(({ verdict }) => verdict === 'fail');
    expect(own).toMatchObject({ edge: 'validating:EventAck', from: 'awaiting/rejection' });
    expect(own?.figures).toEqual([]);
    expect((await played(wrong.NoSecondChance)).passed).toBe(false);
    const documented = await played(wrong.AcknowledgesEverybody, { documentedOnly: true });
    expect(documented.passed).toBe(false);
  });

  it('counts messages of the server that no figure shows', async () => {
    const { undocumented } = await played(PlainSession);
    expect(undocumented.map(({ edge, message, count }) => [edge, message, count])).toEqual(
      expect.arrayContaining([
        ['registered:EventAck', 'EventAck', 1],
        ['registered:EventError', 'EventError', 2],
      ]),
    );
  });

  it('skips cases that begin like a failed one', async () => {
    const { cases } = await played(wrong.RefusesEverybody, { connections: 1 });
    expect(cases).toMatchObject({ total: 5, skipped: 1 });
  });
});

describe.concurrent('what the service answers', () => {
  const service = suiteByHand([['register', 'other', 'event-ack']], 'any');

  it.each([
    ['any', PlainSession, []],
    ['ack', PlainSession, []],
    ['none', PlainSession, ['unsolicited-message']],
    ['none', wrong.MuteService, []],
    ['any', wrong.MuteService, []],
    ['ack', wrong.MuteService, ['silent']],
    ['any', wrong.ChattyService, []],
    ['ack', wrong.ChattyService, ['unsolicited-message']],
    ['any', wrong.EndlessService, ['too-many-messages']],
  ] as const)('%s, of %o: %j', async (answers, Session, codes) => {
    const { failures } = await played(Session, { suite: service, answers });
    expect(failures.map(({ code }) => code)).toEqual(codes);
  });
});

describe.concurrent('timeouts that are not given', () => {
  it('are measured first, both', async () => {
    const unknown = { registrationTimeout: undefined, rejectionTimeout: undefined };
    const report = await played(PlainSession, { ...unknown, learnTimerPolicy: true });
    const { registration, rejection } = report.timeouts;
    expect([registration.source, rejection.source]).toEqual(['measured', 'measured']);
    expect(registration.milliseconds).toBeGreaterThan(registrationTimeout - patient.margin);
    expect(rejection.milliseconds).toBeGreaterThan(rejectionTimeout - patient.margin);
    expect(report.failures).toEqual([]);
  });

  it('that never end a connection fail, and the other cases are still judged', async () => {
    const unknown = { registrationTimeout: undefined, rejectionTimeout: undefined };
    const report = await played(wrong.NeverCloses, {
      ...unknown,
      measureFor: 1_000,
      learnTimerPolicy: true,
    });
    expect(report.timeouts.rejection).toEqual({ milliseconds: null, source: 'measured' });
    expect(report.timerPolicy).toMatchObject({
      learned: null,
      reason: 'the rejection timeout of the server is unknown',
    });
    expect(report.failures.map(({ code, shortest }) => [code, shortest.case.id])).toEqual([
      ['never-disconnected', 'other,silence'],
      ['never-disconnected', 'silence'],
    ]);
    expect(report.cases).toMatchObject({ passed: 3, inconclusive: 1, skipped: 1 });
    const registered = report.edges.find(({ edge }) => edge === 'validating:EventAck');
    expect(registered?.verdict).toBe('pass');
  });
});

describe.concurrent('what is kept', () => {
  it('is a recording of the differing sessions, and a suite that shows them again', async () => {
    const report = await played(wrong.AcknowledgesEverybody);
    const recording = parseRecording(
      recordedFailures(report)
        .map((step) => `${JSON.stringify(step)}\n`)
        .join(''),
    );
    expect(recording.problems).toEqual([]);
    expect([...new Set(recording.steps.map(({ session }) => session))]).toEqual([
      'difference-1',
      'difference-2',
    ]);
    const kept = { ...suite, ...keptCases(report, suite), criterion: 'w1' };
    const { header, cases } = await readSuite(suiteText(kept));
    const ids: string[] = [];
    for await (const { id } of cases) ids.push(id);
    expect(ids.sort()).toEqual(['other', 'register-invalid']);
    const again = await played(wrong.AcknowledgesEverybody, { suite: kept });
    expect(header.cases).toBe(2);
    expect(again.cases).toMatchObject({ total: 2, failed: 2 });
  });

  it('is well-formed JUnit with a failure for each failed edge and each difference', async () => {
    const report = await played(wrong.AcknowledgesEverybody);
    const xml = await conformJunit(report);
    expect(openTags(xml)).toEqual([]);
    expect(xml).toMatch(
      /<testcase classname="edge" name="validating:EventError \(figures 2a, 2c\)">/,
    );
    const failed = report.edges.filter(({ verdict }) => verdict === 'fail').length;
    expect(xml.match(/<failure /g)).toHaveLength(failed + report.failures.length);
    const passed = await conformJunit(await played(PlainSession));
    expect(passed).not.toContain('<failure');
    expect(passed).not.toContain('<error');
  });
});

describe.concurrent('an interrupted run', () => {
  it('reports the results so far', async () => {
    const stop = new AbortController();
    const report = await played(PlainSession, {
      connections: 1,
      signal: stop.signal,
      onProgress: ({ done }) => done === 3 && stop.abort(),
    });
    expect(report).toMatchObject({ interrupted: true, passed: false });
    // On a busy machine the tester may stall, and such a case is inconclusive.
    const { passed, failed, inconclusive } = report.cases;
    expect([passed + inconclusive, failed]).toEqual([3, 0]);
    expect(renderConform(report)).toMatch(
      /^interrupted {2}tcp:.*: \d of 5 cases of by hand passed.*, 2 were not played: interrupted \(/,
    );
  });

  it('before its first case reports nothing', async () => {
    const stop = new AbortController();
    const running = played(PlainSession, {
      registrationTimeout: undefined,
      signal: stop.signal,
      onProgress: ({ phase }) => phase === 'measuring' && stop.abort(new Error('stopped')),
    });
    await expect(running).rejects.toThrow('stopped');
  });
});

/** Elements that are not closed, or closed without having been opened. */
function openTags(xml: string): string[] {
  const open: string[] = [];
  for (const [, closing, name = '', empty] of xml.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (empty) continue;
    if (!closing) open.push(name);
    else if (open.at(-1) === name) open.pop();
    else open.push(`/${name}`);
  }
  return open;
}
