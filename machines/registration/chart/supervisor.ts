/**
 * The client's chart around the registration chart: which endpoint it tries, when it retries, and when it
 * gives up. It runs `registrationMachine` as its child, one at a time, and adds nothing to it.
 *
 * The adapter provides the seated chart as the actor `registration`, opens a connection in `open`, closes it in `close`, and
 * sends Failed or Lost only when the connection is closed: so there are never two connections at once.
 */
import { type ActorRefFrom, assign, setup, stopChild } from 'xstate';
import { longestDelay } from '../../text/clock.js';
import { registrationMachine } from './registration.js';

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
  /** The child: one run of the registration chart. */
  readonly registration: ActorRefFrom<typeof registrationMachine> | null;
}

export type SupervisorEvent =
  | { readonly type: 'Start' }
  /** The server acknowledged the registration. */
  | { readonly type: 'Registered' }
  /** The server rejected the registration. `transient`: the cause can pass, so the client retries (see `errorTable`). */
  | { readonly type: 'Refused'; readonly error: Error; readonly transient: boolean }
  /** The attempt came to nothing, and its connection is gone. `retryAfter`: milliseconds the server asks to be left alone. */
  | { readonly type: 'Failed'; readonly error: Error; readonly retryAfter?: number | null }
  /**
   * The registered connection is gone. `leaves`: the server does not answer or shuts down, so another endpoint is tried first. `final`: the
   * server ended the registration for good, so the client does not come back by itself.
   */
  | {
      readonly type: 'Lost';
      readonly error: Error;
      readonly leaves?: boolean;
      readonly final?: boolean;
    }
  | { readonly type: 'Stop' };

/** The states of the supervisor, the last one final. */
export const supervisorStates = ['offline', 'connecting', 'online', 'waiting', 'stopped'] as const;
export type SupervisorState = (typeof supervisorStates)[number];

/** The longest delay that a server can request, in milliseconds. */
export const longestRetryAfter = 600_000;

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
 * The delay that a server requests, when there is no other endpoint to try. It is added to the random delay: all clients that
 * were rejected in one second got the same value.
 */
function askedFor({ endpoints }: SupervisorContext, event: SupervisorEvent): number {
  if (event.type !== 'Failed' || endpoints.length > 1) return 0;
  return Math.min(event.retryAfter ?? 0, longestRetryAfter);
}

/** Whether a registered connection was lost and another endpoint should be tried first. */
function leavesIn({ endpoints }: SupervisorContext, event: SupervisorEvent): boolean {
  return event.type === 'Lost' && event.leaves === true && endpoints.length > 1;
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

export const supervisorMachine = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorEvent,
    input: {} as SupervisorInput,
    output: {} as { readonly error: Error | null },
  },
  actors: { registration: registrationMachine },
  actions: {
    /** Open a connection for `context.registration` to `context.endpoints[context.endpoint]`. */
    open: (_, _params: { registration: ActorRefFrom<typeof registrationMachine> }) => {},
    /** Close the connection, or give up setting it up. */
    close: () => {},
    keepError: assign({
      error: ({ context, event }) => ('error' in event ? event.error : context.error),
    }),
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    forgetAttempts: assign({ attempt: 0, error: null }),
    keepRegistered: assign({ wasRegistered: true }),
    nextEndpoint: assign({
      endpoint: ({ context }) => (context.endpoint + 1) % context.endpoints.length,
    }),
    nextEndpointIfLeft: assign({
      endpoint: ({ context, event }) =>
        leavesIn(context, event)
          ? (context.endpoint + 1) % context.endpoints.length
          : context.endpoint,
    }),
    drawDelay: assign({
      delay: ({ context, event }) =>
        askedFor(context, event) +
        backOffDelay({
          ...context,
          endpoints: context.endpoints.length,
          // Another server is there: the wide spread is for those that wait for one to come back.
          wasRegistered: context.wasRegistered && !leavesIn(context, event),
        }),
    }),
  },
  guards: {
    refusalStands: ({ context, event }) =>
      event.type === 'Refused' && !event.transient && !context.retryRefused,
    attemptsLeft: ({ context }) => hasAttemptsLeft(context),
    reconnects: ({ context, event }) =>
      context.reconnect && (context.retryRefused || event.type !== 'Lost' || !event.final),
  },
  delays: {
    backOff: ({ context }) => context.delay,
  },
}).createMachine({
  id: 'supervisor',
  description: 'Keeps one client registered with one of its endpoints.',
  context: ({ input }) => ({
    ...input,
    endpoint: 0,
    attempt: 0,
    wasRegistered: false,
    delay: 0,
    error: null,
    registration: null,
  }),
  initial: 'offline',
  output: ({ context }) => ({ error: context.error }),
  on: {
    Stop: {
      target: '.stopped',
      // The user stopped the client: an earlier failure is no longer the reason.
      actions: ['close', 'forgetAttempts'],
      description: 'The caller has had enough; whatever is open is closed.',
    },
  },
  states: {
    offline: {
      description: 'Nothing has been tried yet.',
      on: {
        Start: {
          target: 'connecting',
          description: 'The first endpoint of the list is tried, without waiting.',
        },
      },
    },
    connecting: {
      description: 'A connection is being set up and the registration is asked for: one attempt.',
      entry: [
        'countAttempt',
        assign({ registration: ({ spawn }) => spawn('registration', { id: 'registration' }) }),
        {
          type: 'open',
          params: ({ context }) => ({ registration: spawned(context) }),
        },
      ],
      on: {
        Registered: {
          target: 'online',
          actions: ['forgetAttempts', 'keepRegistered'],
          description: 'The server acknowledged: this endpoint is the one to come back to.',
        },
        Refused: [
          {
            guard: 'refusalStands',
            target: 'stopped',
            actions: ['keepError', 'close'],
            description:
              'The server found the client not valid; asking again would change nothing.',
          },
          {
            actions: ['keepError', 'close'],
            description:
              'The refusal may pass, or the caller wants to ask again: the connection is closed and Failed follows.',
          },
        ],
        Failed: [
          {
            guard: 'attemptsLeft',
            target: 'waiting',
            actions: ['keepError', 'nextEndpoint'],
            description: 'The attempt came to nothing; the next endpoint of the list is due.',
          },
          {
            target: 'stopped',
            actions: 'keepError',
            description: 'The attempt came to nothing and no other is allowed.',
          },
        ],
      },
    },
    online: {
      description: 'Registered.',
      on: {
        Lost: [
          {
            guard: 'reconnects',
            target: 'waiting',
            actions: ['keepError', 'nextEndpointIfLeft'],
            description:
              'The connection is gone; the same endpoint is tried first, after a wait long enough that all who lost it do not come at once. A server that is silent or shuts down is tried last.',
          },
          {
            target: 'stopped',
            actions: 'keepError',
            description:
              'The connection is gone and is not set up again: by option, or because the server ended the registration for good.',
          },
        ],
      },
    },
    waiting: {
      description: 'Waits before the next attempt: full jitter, longer with each pass of the list.',
      entry: [stopChild('registration'), assign({ registration: null }), 'drawDelay'],
      after: {
        backOff: { target: 'connecting', description: 'The wait is over.' },
      },
    },
    stopped: {
      description: 'For good. The output holds what went wrong, or null when it was asked for.',
      type: 'final',
    },
  },
});

function spawned({ registration }: SupervisorContext): ActorRefFrom<typeof registrationMachine> {
  if (registration === null) throw new TypeError('connecting is entered with a registration');
  return registration;
}
