import { beforeAll, describe, expect, it } from 'vitest';
import { type ConformReport, renderConform } from '../../../../adapters/tester/index.js';
import { patient } from '../wrong-servers/plain-server.js';
import * as wrong from '../wrong-servers/wrong-sessions.js';
import { inParallel, judged, policies } from './judged-servers.js';

describe('a server with its own timer policy', () => {
  let reports: Map<(typeof policies)[number], ConformReport>;
  beforeAll(async () => {
    reports = await inParallel(policies, ({ Session }) =>
      judged(Session, 'learn', ({ passed, timerPolicy }) => passed && timerPolicy.learned !== null),
    );
  });

  it.each(policies)('passes, and the report names $learned', (one) => {
    const report = reports.get(one) as ConformReport;
    expect(report.failures.map(({ difference }) => difference.sentence)).toEqual([]);
    expect(report).toMatchObject({ passed: true, inconclusive: [] });
    const { timerPolicy } = report;
    expect(timerPolicy).toMatchObject({ learned: one.learned, used: one.learned, reason: null });
    expect(timerPolicy.plays).toHaveLength(6);
    for (const { disconnectedAt, expectedAt } of timerPolicy.plays) {
      expect(Math.abs((disconnectedAt ?? 0) - (expectedAt ?? 0))).toBeLessThan(patient.margin);
    }
  });

  it('has a part of the report, with what this gate does and the moments', () => {
    const one = policies.find(({ Session }) => Session === wrong.FirstDeadlineWins);
    const text = renderConform(reports.get(one as (typeof policies)[number]) as ConformReport);
    expect(text).toContain(
      '\nTimer policy (the document leaves it open)\n' +
        '  first EventError   first-wins: both deadlines run, and the first to expire counts; ixgate’s gate: replaces: ',
    );
    expect(text).toMatch(/\n {2}later EventErrors {2}keeps: .*; ixgate’s gate does the same\n/);
    expect(text).toMatch(
      /\n {2}a message after 675 ms +EventError at \d+ ms; disconnect at \d+ ms \(expected 900 ms\)\n/,
    );
  });
});
