import { describe, expect, it } from 'vitest';
import { CaseQueue } from '../../../../adapters/tester/conform/case-queue.js';
import { PolicyLearner } from '../../../../adapters/tester/conform/policy-learner.js';
import type { PolicyOutcome, PolicyPlay } from '../../../../adapters/tester/conform/policy-play.js';
import {
  chartTimerPolicy,
  deadlineUnder,
  type TimerPolicy,
  timerPolicies,
} from '../../../../machines/index.js';
import { suiteByHand } from '../suite-by-hand.js';

/** Several proportions: also those where a pause may let both deadlines expire together. */
const proportions = [
  [1_000, 500],
  [1_000, 250],
  [1_000, 750],
  [1_000, 400],
  [10_000, 300],
  [500, 2_000],
] as const;

function learnerFor([registrationTimeout, rejectionTimeout]: readonly [number, number]) {
  const timeouts = { registrationTimeout, rejectionTimeout };
  const margin = Math.min(registrationTimeout, rejectionTimeout) / 10;
  return { timeouts, learner: new PolicyLearner({ timeouts, margin, attempts: 3 }, null) };
}

type Timeouts = ReturnType<typeof learnerFor>['timeouts'];

/** The outcome of a play with a server that follows a policy. @param delay of its disconnect, in milliseconds. */
function outcomeOf(
  { pauses }: PolicyPlay,
  policy: TimerPolicy,
  timeouts: Timeouts,
  delay = 0,
): PolicyOutcome {
  const errorsAt: number[] = [];
  const deadline = () => {
    const [firstErrorAt = null] = errorsAt;
    const moments = { firstErrorAt, lastErrorAt: errorsAt.at(-1) ?? null };
    const configuration = firstErrorAt === null ? 'awaiting/registration' : 'awaiting/rejection';
    const at = deadlineUnder(policy, configuration, moments, timeouts)?.at ?? 0;
    return { ...moments, disconnectedAt: at + delay };
  };
  for (const pause of pauses) {
    const at = (errorsAt.at(-1) ?? 0) + pause;
    if (at >= deadline().disconnectedAt) break;
    errorsAt.push(at);
  }
  return { kind: 'disconnected', sample: deadline(), errorsAt, isDoubtful: false };
}

/** Plays until the learner has no more plays. @returns the number of plays. */
function playAll(learner: PolicyLearner, play: (one: PolicyPlay, count: number) => PolicyOutcome) {
  let count = 0;
  for (let next = learner.take(); next; next = learner.take()) {
    learner.add(next, play(next, count));
    count += 1;
  }
  return count;
}

describe('the learner', () => {
  const all = timerPolicies.flatMap((policy) => proportions.map((one) => ({ policy, one })));

  it.each(all)('learns a policy on six connections: $policy, $one', ({ policy, one }) => {
    const { learner, timeouts } = learnerFor(one);
    expect(playAll(learner, (play) => outcomeOf(play, policy, timeouts))).toBe(6);
    const { learned, reason } = learner.report();
    expect(reason).toBe(null);
    // Where both policies expect the same moments, it may be either.
    const plays = learner.report().plays.map(({ disconnectedAt, expectedAt }) => ({
      off: Math.abs((disconnectedAt ?? 0) - (expectedAt ?? 0)),
    }));
    expect(plays).toEqual(plays.map(() => ({ off: 0 })));
    const [registrationTimeout, rejectionTimeout] = one;
    if (rejectionTimeout < registrationTimeout) expect(learned).toEqual(policy);
  });

  it('plays again what one delay has disturbed', () => {
    const { learner, timeouts } = learnerFor([1_000, 500]);
    const count = playAll(learner, (play, at) =>
      outcomeOf(play, chartTimerPolicy, timeouts, at === 3 ? 180 : 0),
    );
    expect(count).toBe(8);
    expect(learner.report()).toMatchObject({ learned: chartTimerPolicy, reason: null });
  });

  it('plays again what this process could not time', () => {
    const { learner, timeouts } = learnerFor([1_000, 500]);
    const count = playAll(learner, (play, at) => ({
      ...outcomeOf(play, chartTimerPolicy, timeouts, at < 6 ? 400 : 0),
      isDoubtful: at < 6,
    }));
    expect(count).toBe(12);
    expect(learner.report()).toMatchObject({ learned: chartTimerPolicy, reason: null });
  });

  it('learns nothing of a server that restarts its deadline on some connections', () => {
    const { learner, timeouts } = learnerFor([1_000, 500]);
    playAll(learner, (play, at) => {
      const laterErrors = at % 2 === 0 ? 'restarts' : 'keeps';
      return outcomeOf(play, { firstError: 'replaces', laterErrors }, timeouts);
    });
    expect(learner.report()).toMatchObject({
      learned: null,
      reason: 'the moments of the disconnects fit no policy',
      used: chartTimerPolicy,
    });
  });

  it('learns what later errors do when the registration timeout is unknown', () => {
    const timeouts = { registrationTimeout: 1_000_000, rejectionTimeout: 500 };
    const unknown = { ...timeouts, registrationTimeout: null };
    const learner = new PolicyLearner({ timeouts: unknown, margin: 50, attempts: 3 }, null);
    const policy = { firstError: 'replaces', laterErrors: 'restarts' } as const;
    expect(playAll(learner, (play) => outcomeOf(play, policy, timeouts))).toBe(3);
    expect(learner.report()).toMatchObject({ learned: policy, reason: null });
  });

  it('learns nothing of lengths that are not those of the server', () => {
    const { learner } = learnerFor([1_000, 500]);
    const actual = { registrationTimeout: 1_000, rejectionTimeout: 300 };
    playAll(learner, (play) => outcomeOf(play, chartTimerPolicy, actual));
    expect(learner.report().learned).toBe(null);
  });
});

describe('the cases', () => {
  const inputs = [
    ['silence'],
    ['other', 'silence'],
    ['wait', 'other'],
    ['other', 'register'],
    ['register', 'silence'],
  ] as const;

  it('that depend on the policy wait until it is learned', async () => {
    const { learner } = learnerFor([1_000, 500]);
    const cases = new CaseQueue(suiteByHand(inputs.map((one) => [...one])), learner);
    const next = async () => {
      const one = await cases.next();
      return one === null || one === 'learning' ? one : one.id;
    };
    expect([await next(), await next(), await next(), await next()]).toEqual([
      'silence',
      'other,register',
      'register,silence',
      'learning',
    ]);
    while (learner.take());
    const changed = learner.changed();
    learner.stop('test');
    await changed;
    await learner.changed();
    expect([await next(), await next(), await next()]).toEqual([
      'other,silence',
      'wait,other',
      null,
    ]);
  });
});
