import { describe, expect, it } from 'vitest';
import { CaseAttempts } from '../../../adapters/tester/conform/case-attempts.js';
import type { Played } from '../../../adapters/tester/conform/case-play.js';
import {
  type CaseDifference,
  endpointTarget,
  playCase,
  StallMonitor,
} from '../../../adapters/tester/index.js';
import { caseOf, type ServerInput, ServerModel } from '../../../machines/index.js';
import {
  PlainSession,
  patient,
  plainServer,
  registrationTimeout,
  rejectionTimeout,
} from './wrong-servers/plain-server.js';

const timeouts = { registrationTimeout, rejectionTimeout };
const model = new ServerModel({ delays: timeouts, answers: 'any' });
const { margin } = patient;

const one = (...inputs: ServerInput[]) => caseOf(model, inputs);

/** A process that is always stalled. */
class Sleepy extends StallMonitor {
  override longestSince() {
    return 1_000;
  }
}

describe('an inconclusive case', () => {
  it('is played three times while the tester is stalled, and never counts as passed', async () => {
    await using server = await plainServer(PlainSession);
    using stallMonitor = new Sleepy();
    const target = endpointTarget(server.endpoint);
    const result = await playCase(one('other', 'silence'), target, {
      timeouts,
      margin,
      stallMonitor,
    });
    expect(result).toMatchObject({ verdict: 'inconclusive', difference: null, attempts: 3 });
    expect(result.reason).toMatch(/^the tester was stalled for \d+ ms around the deadline$/);
  });

  it('does not depend on stalls without a deadline', async () => {
    await using server = await plainServer(PlainSession);
    using stallMonitor = new Sleepy();
    const target = endpointTarget(server.endpoint);
    const result = await playCase(one('other', 'register'), target, {
      timeouts,
      margin,
      stallMonitor,
    });
    expect(result).toMatchObject({ verdict: 'pass', attempts: 1 });
  });

  it('is one with an unknown timeout of the server', async () => {
    await using server = await plainServer(PlainSession);
    const target = endpointTarget(server.endpoint);
    const unknown = { registrationTimeout, rejectionTimeout: null };
    const result = await playCase(one('other', 'silence'), target, { timeouts: unknown, margin });
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      reason: 'the rejection timeout of the server is unknown',
      passed: 1,
    });
  });
});

describe('a difference in time', () => {
  const difference = (index: number): CaseDifference => ({
    code: 'timeout-too-long',
    index,
    input: 'silence',
    from: 'awaiting/rejection',
    expected: 'a disconnect after 450 ms',
    came: 'the Interaction Server disconnected after 700 ms',
    sentence: 'The server disconnected 700 ms after the first EventError.',
    edges: ['rejection:rejectionTimeout'],
    figures: ['2a'],
  });
  const played = (ending: Played['ending']): Played => ({ ending, passed: 1, seen: [], steps: [] });
  const different = (index: number) => played({ kind: 'fail', difference: difference(index) });

  it('counts only when it is seen twice', () => {
    const attempts = new CaseAttempts(one('other', 'silence'));
    expect(attempts.add(different(1))).toBeNull();
    expect(attempts.add(played({ kind: 'late', reason: 'stalled' }))).toBeNull();
    expect(attempts.add(different(1))).toMatchObject({
      verdict: 'fail',
      difference: difference(1),
      attempts: 3,
      unconfirmed: [],
    });
  });

  it('that is not seen again is reported, and the case passes', () => {
    const attempts = new CaseAttempts(one('other', 'silence'));
    attempts.add(different(1));
    expect(attempts.add(played(null))).toMatchObject({
      verdict: 'pass',
      difference: null,
      unconfirmed: [difference(1)],
    });
  });

  it('that changes each time is inconclusive', () => {
    const attempts = new CaseAttempts(one('other', 'wait', 'other', 'silence'));
    attempts.add(different(1));
    attempts.add(different(3));
    expect(attempts.giveUp()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/It was not seen again\.$/),
    });
  });
});
