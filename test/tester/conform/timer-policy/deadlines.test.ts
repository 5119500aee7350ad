import { describe, expect, it } from 'vitest';
import {
  chartTimerPolicy,
  deadlineUnder,
  fitTimerPolicy,
  type ServerInput,
  ServerModel,
  type TimerPolicy,
  type TimerSample,
  timerPolicies,
} from '../../../../machines/index.js';

const timeouts = { registrationTimeout: 1_000, rejectionTimeout: 500 };

describe('the policy of this project', () => {
  const pauses = [0, 50, 260, 499, 510, 740];
  const sequences = (['register', 'register-invalid', 'other'] satisfies ServerInput[]).flatMap(
    (one) => (['register', 'register-malformed', 'other'] as const).map((other) => [one, other]),
  );

  it('gives the deadlines of the chart in simulated time', () => {
    const model = new ServerModel({ delays: timeouts });
    let compared = 0;
    for (const inputs of sequences) {
      for (const first of pauses) {
        for (const second of pauses) {
          const server = model.connect();
          let now = 0;
          let [firstErrorAt, lastErrorAt]: [number | null, number | null] = [null, null];
          for (const [at, input] of inputs.entries()) {
            const pause = at === 0 ? first : second;
            server.pass(pause);
            now += pause;
            server.send(input as ServerInput);
            const isRefused = server.seen().some(({ output }) => output === 'EventError');
            if (isRefused && server.state !== 'registered') {
              firstErrorAt ??= now;
              lastErrorAt = now;
            }
            const errors = { firstErrorAt, lastErrorAt };
            const expected = deadlineUnder(chartTimerPolicy, server.state, errors, timeouts);
            const { left } = server;
            expect(expected?.at ?? null).toBe(left === null ? null : now + left);
            compared += 1;
          }
        }
      }
    }
    expect(compared).toBe(9 * 36 * 2);
  });
});

/** A connection to a server that follows a policy exactly. */
function sampleOf(policy: TimerPolicy, errors: readonly number[]): TimerSample {
  const [firstErrorAt = null] = errors;
  const moments = { firstErrorAt, lastErrorAt: errors.at(-1) ?? null };
  const configuration = firstErrorAt === null ? 'awaiting/registration' : 'awaiting/rejection';
  const deadline = deadlineUnder(policy, configuration, moments, timeouts);
  return { ...moments, disconnectedAt: deadline?.at ?? 0 };
}

const tolerance = { tolerance: 50, resolution: 25 };

describe('the policy of samples', () => {
  const errors = [[], [0], [0, 300], [750], [250]];

  it.each(timerPolicies)('is $firstError, $laterErrors', (policy) => {
    const samples = errors.map((moments) => sampleOf(policy, moments));
    const noisy = samples.map((one, at) => ({
      ...one,
      disconnectedAt: one.disconnectedAt + ([0, 20, -20, 40, 5][at] ?? 0),
    }));
    expect(fitTimerPolicy(samples, timeouts, tolerance)).toEqual({ policy, unexplained: [] });
    expect(fitTimerPolicy(noisy, timeouts, tolerance)).toEqual({ policy, unexplained: [] });
  });

  it('is the nearest when no policy explains them all, and names the unexplained ones', () => {
    const samples = errors.map((moments) => sampleOf(chartTimerPolicy, moments));
    const odd = { ...sampleOf(chartTimerPolicy, [0, 300]), disconnectedAt: 650 };
    expect(fitTimerPolicy([...samples, odd], timeouts, tolerance)).toEqual({
      policy: chartTimerPolicy,
      unexplained: [5],
    });
  });

  it('is that of this project when a pause lets both deadlines expire together', () => {
    const together = [sampleOf(chartTimerPolicy, [500])];
    expect(fitTimerPolicy(together, timeouts, tolerance).policy).toEqual(chartTimerPolicy);
  });
});
