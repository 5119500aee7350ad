/** Which timer ends the connection of an unregistered client. The document does not say it: servers differ in it. */
import { type Configuration, deadlineOf } from '../chart/configurations.js';

export interface TimerPolicy {
  /**
   * What the first EventError does. `replaces`: the rejection deadline replaces the registration deadline. `first-wins`: both run, and
   * the first to expire counts. `absolute`: the registration deadline runs on, and there is no other.
   */
  readonly firstError: 'replaces' | 'first-wins' | 'absolute';
  /** What a later EventError does to the rejection deadline. `keeps` where there is none. */
  readonly laterErrors: 'keeps' | 'restarts';
}

/** The policy of the chart, which is that of the gate. */
export const chartTimerPolicy: TimerPolicy = { firstError: 'replaces', laterErrors: 'keeps' };

/** Every policy, the simpler one first. */
export const timerPolicies: readonly TimerPolicy[] = [
  chartTimerPolicy,
  { firstError: 'absolute', laterErrors: 'keeps' },
  { firstError: 'first-wins', laterErrors: 'keeps' },
  { firstError: 'replaces', laterErrors: 'restarts' },
  { firstError: 'first-wins', laterErrors: 'restarts' },
];

/** The timeouts of the server under test, in milliseconds; null for a timeout that is unknown. */
export interface ServerTimeouts {
  readonly registrationTimeout: number | null;
  readonly rejectionTimeout: number | null;
}

/** When an unregistered client received EventError, in milliseconds since the connect; null when it received none. */
export interface ErrorMoments {
  readonly firstErrorAt: number | null;
  readonly lastErrorAt: number | null;
}

/** A deadline of one connection. All times are milliseconds since the connect. */
export interface Deadline {
  readonly timer: 'registration' | 'rejection';
  readonly start: TimerStart;
  readonly since: number;
  /** Null when the length of the timer is unknown. */
  readonly length: number | null;
  readonly at: number | null;
}

/** What starts a timer. */
type TimerStart = 'connect' | 'first-error' | 'last-error';

const timersAfterError: Readonly<Record<TimerPolicy['firstError'], readonly Deadline['timer'][]>> =
  {
    replaces: ['rejection'],
    'first-wins': ['rejection', 'registration'],
    absolute: ['registration'],
  };

const rejectionStarts = {
  keeps: 'first-error',
  restarts: 'last-error',
} as const satisfies Record<TimerPolicy['laterErrors'], TimerStart>;

/** The deadline that ends the connection under a policy; null when none runs in the configuration. */
export function deadlineUnder(
  policy: TimerPolicy,
  configuration: string,
  moments: ErrorMoments,
  lengths: ServerTimeouts,
): Deadline | null {
  const running = deadlineOf(configuration as Configuration);
  if (running === null) return null;
  const timers = running === 'registration' ? [running] : timersAfterError[policy.firstError];
  const deadlines = timers.map((timer) => deadlineOfTimer(timer, policy, moments, lengths));
  const unknown = deadlines.find(({ at }) => at === null);
  return unknown ?? deadlines.reduce((one, other) => (endOf(other) < endOf(one) ? other : one));
}

/** The deadline of one timer, whether it counts or not. */
export function deadlineOfTimer(
  timer: Deadline['timer'],
  { laterErrors }: TimerPolicy,
  { firstErrorAt, lastErrorAt }: ErrorMoments,
  { registrationTimeout, rejectionTimeout }: ServerTimeouts,
): Deadline {
  const start = timer === 'registration' ? 'connect' : rejectionStarts[laterErrors];
  const moment = { connect: 0, 'first-error': firstErrorAt, 'last-error': lastErrorAt }[start];
  const length = timer === 'registration' ? registrationTimeout : rejectionTimeout;
  const at = moment === null || length === null ? null : moment + length;
  return { timer, start, since: moment ?? 0, length, at };
}

function endOf({ at }: Deadline): number {
  return at ?? Number.POSITIVE_INFINITY;
}
