/** Which policy explains when a server disconnected. All times are milliseconds since the connect. */
import {
  deadlineUnder,
  type ErrorMoments,
  type ServerTimeouts,
  type TimerPolicy,
  timerPolicies,
} from './timer-policy.js';

/** One connection of a client that never registered. */
export interface TimerSample extends ErrorMoments {
  readonly disconnectedAt: number;
}

/** The policy that explains the most samples, with the indexes of those that it does not explain. */
export interface TimerPolicyFit {
  readonly policy: TimerPolicy;
  readonly unexplained: readonly number[];
}

/** When a policy expects the disconnect; null when a length is unknown. */
export function disconnectUnder(
  policy: TimerPolicy,
  moments: ErrorMoments,
  lengths: ServerTimeouts,
): number | null {
  const isRefused = moments.firstErrorAt !== null;
  const configuration = isRefused ? 'awaiting/rejection' : 'awaiting/registration';
  return deadlineUnder(policy, configuration, moments, lengths)?.at ?? null;
}

/** The latest disconnect that any policy expects; null when the lengths are unknown. */
export function latestDisconnect(moments: ErrorMoments, lengths: ServerTimeouts): number | null {
  const known = timerPolicies
    .map((policy) => disconnectUnder(policy, moments, lengths))
    .filter((at) => at !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

/** Milliseconds. */
export interface TimerPolicyTolerance {
  /** How far off a disconnect may be that a policy explains. */
  readonly tolerance: number;
  /** Policies that are both as near as this are equal: the first of `timerPolicies` counts. */
  readonly resolution: number;
}

/** Finds the policy that explains the samples. Of policies that explain the same number, the nearest counts. */
export function fitTimerPolicy(
  samples: readonly TimerSample[],
  lengths: ServerTimeouts,
  { tolerance, resolution }: TimerPolicyTolerance,
): TimerPolicyFit {
  const fits = timerPolicies.map((policy) => {
    const offs = samples.map((sample) => {
      const expected = disconnectUnder(policy, sample, lengths);
      return expected === null
        ? Number.POSITIVE_INFINITY
        : Math.abs(sample.disconnectedAt - expected);
    });
    const unexplained = [...offs.keys()].filter((index) => (offs[index] ?? 0) > tolerance);
    return { policy, unexplained, off: Math.max(resolution, ...offs) };
  });
  const [best] = fits.sort(
    (one, other) =>
      one.unexplained.length - other.unexplained.length || compare(one.off, other.off),
  );
  if (!best) throw new Error('there are no policies');
  return { policy: best.policy, unexplained: best.unexplained };
}

/** Infinities are equal, which their difference does not tell. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
