import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ConformReport,
  conform,
  endpointTarget,
  renderConform,
} from '../../../../adapters/tester/index.js';
import { ServerModel, suiteOf } from '../../../../machines/index.js';
import {
  patient,
  plainServer,
  registrationTimeout,
  rejectionTimeout,
} from '../wrong-servers/plain-server.js';
import * as wrong from '../wrong-servers/wrong-sessions.js';
import { codesOf, inParallel, judged, policies } from './judged-servers.js';

describe('a server with its own timer policy', () => {
  it.concurrent.each(policies)('and unknown timeouts passes: $learned', async (one) => {
    const { Session, learned } = one;
    const report = await judged(Session, 'measure', ({ passed }) => passed);
    expect(report.failures.map(({ difference }) => difference.sentence)).toEqual([]);
    expect(report).toMatchObject({ passed: true, timerPolicy: { learned, used: learned } });
  });

  it.each(policies)('passes every case of w1: $learned', async ({ Session, learned }) => {
    await using server = await plainServer(Session);
    const report = await conform({
      target: endpointTarget(server.endpoint),
      suite: suiteOf(new ServerModel({ answers: 'any' }), 'w1'),
      registrationTimeout,
      rejectionTimeout,
      ...patient,
      connections: 64,
    });
    expect(report.failures.map(({ difference }) => difference.sentence)).toEqual([]);
    expect(report.inconclusive).toEqual([]);
    expect(report).toMatchObject({ passed: true, timerPolicy: { learned } });
    expect(report.cases.passed).toBe(report.cases.total);
  });
});

describe('with the policy of this project', () => {
  let reports: Map<(typeof policies)[number], ConformReport>;
  beforeAll(async () => {
    reports = await inParallel(policies, (one) =>
      judged(one.Session, 'figure', (report) =>
        one.codes.every((code) => codesOf(report).includes(code)),
      ),
    );
  });

  it.each(policies)('a server that does $learned fails with $codes', (one) => {
    const report = reports.get(one) as ConformReport;
    expect(codesOf(report)).toEqual(expect.arrayContaining([...one.codes]));
    expect(report.passed).toBe(one.codes.length === 0);
    expect(report.timerPolicy).toMatchObject({
      learned: null,
      used: { firstError: 'replaces', laterErrors: 'keeps' },
      plays: [],
    });
  });

  it('the sentences tell what the server does instead', () => {
    const sentences = policies.flatMap((one) =>
      (reports.get(one)?.failures ?? []).map(({ difference }) => difference.sentence),
    );
    for (const sentence of [
      /^The server disconnected \d+ ms after the first EventError and \d+ ms after the last: each EventError restarts its rejection deadline of 450 ms\.$/,
      /^The server disconnected \d+ ms after the first EventError; its rejection timeout is 450 ms, and the registration deadline still ran\.$/,
    ])
      expect(sentences).toContainEqual(expect.stringMatching(sentence));
  });
});

describe('a server without a policy fails', () => {
  const wrongs = [
    [wrong.NeverCloses, 'never-disconnected', /did not disconnect/],
    [wrong.NeverClosesTheRefused, 'never-disconnected', /did not disconnect/],
    [wrong.ClosesWithTheError, 'timeout-too-short', /fit no policy/],
    [wrong.RestartsTheDeadlineOnce, 'deadline-restarted', /fit no policy/],
    [wrong.RestartsTheDeadlineSometimes, 'deadline-restarted', /fit no policy/],
  ] as const;
  // Every second connection of the last server is right: cases that are played once may all meet those.
  const keys = wrongs.flatMap((one) => {
    const isLucky = one[0] === wrong.RestartsTheDeadlineSometimes;
    return isLucky
      ? [[one, 'learn'] as const]
      : [[one, 'learn'] as const, [one, 'figure'] as const];
  });
  let reports: Map<(typeof keys)[number], ConformReport>;
  beforeAll(async () => {
    reports = await inParallel(keys, ([[Session, code], mode]) =>
      judged(
        Session,
        mode,
        (report) => codesOf(report).includes(code) && report.timerPolicy.learned === null,
      ),
    );
  });

  it.each(keys)('%o (%s)', (...key) => {
    const [[, code, reason], mode] = key;
    const report = [...reports].find(([one]) => one[0] === key[0] && one[1] === mode)?.[1];
    expect(report?.passed).toBe(false);
    expect(codesOf(report as ConformReport)).toContain(code);
    expect(report?.timerPolicy.learned).toBe(null);
    if (mode === 'figure') return;
    expect(report?.timerPolicy.reason).toMatch(reason);
    expect(renderConform(report as ConformReport)).toMatch(
      /\n {2}not learned: .*; the cases expect what ixgate’s gate does\n/,
    );
  });
});
