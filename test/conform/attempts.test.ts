import { describe, expect, it } from 'vitest';
import { Attempts } from '../../adapters/tester/conform/attempts.js';
import type { Played } from '../../adapters/tester/conform/play-case.js';
import {
  type CaseDifference,
  endpointTarget,
  playCase,
  Stalls,
} from '../../adapters/tester/index.js';
import { caseOf, type ServerInput, ServerModel } from '../../machines/index.js';
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

/** A process that was held up all the time. */
class Sleepy extends Stalls {
  override longestSince() {
    return 1_000;
  }
}

describe('a case that cannot be judged', () => {
  it('is played three times when the tester was held up, and then is not judged: it never counts as held', async () => {
    await using server = await plainServer(PlainSession);
    using stalls = new Sleepy();
    const target = endpointTarget(server.endpoint);
    const result = await playCase(one('other', 'silence'), target, { timeouts, margin, stalls });
    expect(result).toMatchObject({ verdict: 'not-judged', difference: null, attempts: 3 });
    expect(result.why).toMatch(/^the tester was held up for \d+ ms around the deadline$/);
  });

  it('is judged where no time is: a held up tester hears what is said', async () => {
    await using server = await plainServer(PlainSession);
    using stalls = new Sleepy();
    const target = endpointTarget(server.endpoint);
    const result = await playCase(one('other', 'register'), target, { timeouts, margin, stalls });
    expect(result).toMatchObject({ verdict: 'held', attempts: 1 });
  });

  it('is not judged when a timeout of the server is not known', async () => {
    await using server = await plainServer(PlainSession);
    const target = endpointTarget(server.endpoint);
    const unknown = { registrationTimeout, rejectionTimeout: null };
    const result = await playCase(one('other', 'silence'), target, { timeouts: unknown, margin });
    expect(result).toMatchObject({
      verdict: 'not-judged',
      why: 'the rejection timeout of the server is not known',
      held: 1,
    });
  });
});

describe('a difference of time', () => {
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
  const played = (ending: Played['ending']): Played => ({ ending, held: 1, seen: [], steps: [] });
  const different = (index: number) => played({ kind: 'differs', difference: difference(index) });

  it('has to be seen twice', () => {
    const attempts = new Attempts(one('other', 'silence'));
    expect(attempts.add(different(1))).toBeNull();
    expect(attempts.add(played({ kind: 'late', why: 'held up' }))).toBeNull();
    expect(attempts.add(different(1))).toMatchObject({
      verdict: 'differs',
      difference: difference(1),
      attempts: 3,
      unconfirmed: [],
    });
  });

  it('that is not seen again is told, and nothing differs', () => {
    const attempts = new Attempts(one('other', 'silence'));
    attempts.add(different(1));
    expect(attempts.add(played(null))).toMatchObject({
      verdict: 'held',
      difference: null,
      unconfirmed: [difference(1)],
    });
  });

  it('that is another each time is not judged', () => {
    const attempts = new Attempts(one('other', 'wait', 'other', 'silence'));
    attempts.add(different(1));
    attempts.add(different(3));
    expect(attempts.giveUp()).toMatchObject({
      verdict: 'not-judged',
      why: expect.stringMatching(/That was seen once and not again\.$/),
    });
  });
});
