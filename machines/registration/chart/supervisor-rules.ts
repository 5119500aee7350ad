/**
 * The decisions of the supervisor, apart from its chart: what it remembers, when it waits, and how its guards decide. XState runs them in
 * `supervisorMachine`, and `SupervisorRunner` by the compiled chart.
 */
import { longestDelay } from '../../text/clock.js';

/** How a client reconnects. */
export interface BackOff {
  /** Ceiling of the first waiting time, in milliseconds; 0 or more. */
  readonly initialDelay: number;
  /** Ceiling of every waiting time that is drawn, in milliseconds; 0 or more. */
  readonly maxDelay: number;
  /**
   * Ceiling of the first waiting time after a registration was lost, in milliseconds; 0 or more. It doubles with each pass of
   * the endpoints. Where `initialDelay` gives a longer one, that holds.
   */
  readonly spread: number;
  /** From 0 up to and without 1, as Math.random gives it. */
  readonly random: () => number;
}

export interface SupervisorInput extends BackOff {
  /** Where to connect, tried in turn (warm standby); at least one. */
  readonly endpoints: readonly string[];
  /**
   * Whether a lost connection is set up again, and whether more than one pass through the endpoints is made. Without it
   * every endpoint is tried once.
   */
  readonly reconnect: boolean;
  /** Attempts that may fail in a row; 1 or more, may be Infinity. Read when `reconnect`. */
  readonly maxAttempts: number;
  /** Whether a refused client asks again. */
  readonly retryRefused: boolean;
}

export interface SupervisorContext extends SupervisorInput {
  /** Index of the endpoint that is tried, in use, or next. */
  readonly endpoint: number;
  /** 1, 2, 3 ... since the start or the last registration; 0 once registered. */
  readonly attempt: number;
  /** Whether the client has been registered since its start: it comes back, with all the others that were. */
  readonly wasRegistered: boolean;
  /** The waiting time that was drawn last, in milliseconds. */
  readonly delay: number;
  /** What the last attempt or connection ended with. */
  readonly error: Error | null;
}

export type SupervisorEvent =
  | { readonly type: 'Start' }
  /** The server acknowledged the registration. */
  | { readonly type: 'Registered' }
  /** The server rejected the registration. `transient`: the cause can pass, so the client retries (see `errorTable`). */
  | { readonly type: 'Refused'; readonly error: Error; readonly transient: boolean }
  /**
   * The attempt came to nothing, and its connection is gone. `retryAfter`: milliseconds the server asks to be left alone; another endpoint
   * may be tried meanwhile. `stayAway`: milliseconds an operator asks this client to stay away from all endpoints.
   */
  | {
      readonly type: 'Failed';
      readonly error: Error;
      readonly retryAfter?: number | null;
      readonly stayAway?: number | null;
    }
  /**
   * The registered connection is gone. `leaves`: the server does not answer or shuts down, so another endpoint is tried first. `drained`: the
   * client left a server that shuts down, so another server is expected, behind the same endpoint if there is only one. `final`: the server
   * ended the registration for good, so the client does not come back by itself. `stayAway`: as in Failed.
   */
  | {
      readonly type: 'Lost';
      readonly error: Error;
      readonly leaves?: boolean;
      readonly drained?: boolean;
      readonly final?: boolean;
      readonly stayAway?: number | null;
    }
  | { readonly type: 'Stop' };

/** The states of the supervisor, the last one final. */
export const supervisorStates = ['offline', 'connecting', 'online', 'waiting', 'stopped'] as const;
export type SupervisorState = (typeof supervisorStates)[number];

/** The longest delay that a server can request, in milliseconds. */
export const longestRetryAfter = 600_000;

/** The longest time that an operator can send a client away for, in milliseconds. */
export const longestStayAway = 86_400_000;

/**
 * The delay before the next attempt, in milliseconds. Full jitter: it is drawn from 0 up to a ceiling, which doubles with each pass of the
 * endpoints until `maxDelay`.
 *
 * The first ceiling of a client that was never registered is `initialDelay` (half a second): such a client starts alone. When a server
 * fails, all of its clients lose their registrations at once, and the next server must not get all of them at once. So the wait before each
 * pass of a client that was registered has `spread` as its first ceiling. Within the pass, the client tries the next endpoint (a standby)
 * after the short wait: the first wait has spread the clients already.
 *
 * Why `spread` is twelve seconds: n clients that draw from S seconds arrive at a rate of n / S. Clients that find the server still down
 * draw again from 2 S, then from 4 S (at most 30 s). At worst, when the server is down for S or longer, the rate rises to 1.6 n / S. The
 * busiest second is about three standard deviations above. With n = 1000 and S = 12 s that is 133 + 3 * 12 = 169 of 1000, less than a
 * fifth for any downtime: the worst of 200 draws for each of thirteen downtimes had 172. With S = 10 s one draw in a thousand has more than
 * a fifth. With S = 8 s it stays below a fifth only when the server is back within three seconds. With a first ceiling of 500 ms all
 * clients arrive in the first half second.
 */
export function backOffDelay(
  options: BackOff & Pick<SupervisorContext, 'attempt' | 'wasRegistered'> & { endpoints: number },
): number {
  const { initialDelay, maxDelay, spread, random, attempt, endpoints, wasRegistered } = options;
  const short = doubled(initialDelay, roundOf(attempt, endpoints));
  const beginsPass = attempt % endpoints === 0;
  const wide = wasRegistered && beginsPass ? doubled(spread, attempt / endpoints) : 0;
  const ceiling = Math.min(maxDelay, Math.max(short, wide), longestDelay);
  const drawn = random();
  return ceiling * (drawn >= 0 ? Math.min(drawn, 1) : 0);
}

/** 2 ** 1024 is Infinity, and 0 times that is not a number. */
const doubled = (delay: number, times: number) => delay * 2 ** Math.min(times, 1023);

/**
 * The delay that a server requests, when there is no other endpoint to try or an operator sent the client away. It is added to the random
 * delay: all clients that were rejected in one second got the same value.
 */
function askedFor({ endpoints }: SupervisorContext, event: SupervisorEvent): number {
  if ((event.type === 'Failed' || event.type === 'Lost') && event.stayAway) {
    return Math.min(event.stayAway, longestStayAway);
  }
  if (event.type !== 'Failed' || endpoints.length > 1) return 0;
  return Math.min(event.retryAfter ?? 0, longestRetryAfter);
}

/** Whether a registered connection was lost and another endpoint should be tried first. */
function leavesIn({ endpoints }: SupervisorContext, event: SupervisorEvent): boolean {
  return event.type === 'Lost' && event.leaves === true && endpoints.length > 1;
}

/** Whether the client left a server that shuts down. All its clients have spread their departure. */
function isDrained(event: SupervisorEvent): boolean {
  return event.type === 'Lost' && event.drained === true;
}

/** Passes through the list that were complete before an attempt; the attempt is 0 after a registration. */
export function roundOf(attempt: number, endpoints: number): number {
  return Math.max(0, Math.floor((attempt - 1) / endpoints));
}

/** Whether another attempt may follow the one that failed. */
function hasAttemptsLeft(context: SupervisorContext): boolean {
  const { reconnect, maxAttempts, endpoints, attempt } = context;
  return attempt < (reconnect ? maxAttempts : endpoints.length);
}

/** Changes the context. */
type Update = (context: SupervisorContext, event: SupervisorEvent) => Partial<SupervisorContext>;

const nextEndpoint = ({ endpoint, endpoints }: SupervisorContext) => ({
  endpoint: (endpoint + 1) % endpoints.length,
});

/** The actions of the chart that change its context. */
export const supervisorUpdates = {
  keepError: (context, event) => ({ error: 'error' in event ? event.error : context.error }),
  countAttempt: ({ attempt }) => ({ attempt: attempt + 1 }),
  forgetAttempts: () => ({ attempt: 0, error: null }),
  keepRegistered: () => ({ wasRegistered: true }),
  nextEndpoint,
  nextEndpointIfLeft: (context, event) => (leavesIn(context, event) ? nextEndpoint(context) : {}),
  drawDelay: (context, event) => ({
    delay:
      askedFor(context, event) +
      backOffDelay({
        ...context,
        endpoints: context.endpoints.length,
        // Another server is there: the wide spread is for those that wait for one to come back.
        wasRegistered: context.wasRegistered && !leavesIn(context, event) && !isDrained(event),
      }),
  }),
} as const satisfies Record<string, Update>;

type Guard = (context: SupervisorContext, event: SupervisorEvent) => boolean;

/** The guards of the chart. Each belongs to one event: see `guardOf`. */
export const supervisorGuards = {
  refusalStands: ({ retryRefused }, event) =>
    event.type === 'Refused' && !event.transient && !retryRefused,
  attemptsLeft: (context) => hasAttemptsLeft(context),
  reconnects: ({ reconnect, retryRefused }, event) =>
    reconnect && (retryRefused || event.type !== 'Lost' || !event.final),
} as const satisfies Record<string, Guard>;

/** The guard that decides about an event. */
export const guardOf: Readonly<Partial<Record<string, keyof typeof supervisorGuards>>> = {
  Refused: 'refusalStands',
  Failed: 'attemptsLeft',
  Lost: 'reconnects',
};

/** The input of the compiled chart for an event whose guard holds. */
export const guarded = (type: string) => `${type} (${guardOf[type]})`;

/** The context at the start. */
export function supervisorContext(input: SupervisorInput): SupervisorContext {
  return { ...input, endpoint: 0, attempt: 0, wasRegistered: false, delay: 0, error: null };
}
