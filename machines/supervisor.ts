/**
 * What surrounds the registration chart at the client: which endpoint is tried, when it is tried again, and when the
 * client gives up. It runs `registrationMachine` as its child, one at a time, and adds nothing to it.
 *
 * The adapter provides the seated chart as the actor `registration`, opens a connection in `open`, closes it in `close`, and
 * says Failed or Lost only when the connection is really gone: so there are never two connections at once.
 */
import { type ActorRefFrom, assign, setup, stopChild } from 'xstate';
import { longestDelay } from './clock.js';
import { registrationMachine } from './registration.js';

/** How a client comes back. */
export interface BackOff {
  /** Ceiling of the first waiting time, in milliseconds; 0 or more. */
  readonly initialDelay: number;
  /** Ceiling of every waiting time, in milliseconds; 0 or more. */
  readonly maxDelay: number;
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
  /** The server refused. `passing` when the refusal says nothing of this client (busy, shutting down). */
  | { readonly type: 'Refused'; readonly error: Error; readonly passing: boolean }
  /** The attempt came to nothing, and its connection is gone. */
  | { readonly type: 'Failed'; readonly error: Error }
  /** The registered connection is gone. */
  | { readonly type: 'Lost'; readonly error: Error }
  | { readonly type: 'Stop' };

/** The states of the supervisor, the last one final. */
export const supervisorStates = ['offline', 'connecting', 'online', 'waiting', 'stopped'] as const;
export type SupervisorState = (typeof supervisorStates)[number];

/**
 * How long to wait, in milliseconds: full jitter, any time from 0 up to the ceiling, which doubles with each round until
 * `maxDelay`. Clients that lost one server at one moment so come back spread over the whole ceiling.
 */
export function backOffDelay(options: BackOff & { readonly round: number }): number {
  const { round, initialDelay, maxDelay, random } = options;
  // 2 ** 1024 is Infinity, and 0 times that is no number.
  const ceiling = Math.min(maxDelay, initialDelay * 2 ** Math.min(round, 1023), longestDelay);
  const drawn = random();
  return ceiling * (drawn >= 0 ? Math.min(drawn, 1) : 0);
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
    nextEndpoint: assign({
      endpoint: ({ context }) => (context.endpoint + 1) % context.endpoints.length,
    }),
    drawDelay: assign({
      delay: ({ context }) =>
        backOffDelay({ ...context, round: roundOf(context.attempt, context.endpoints.length) }),
    }),
  },
  guards: {
    refusalStands: ({ context, event }) =>
      event.type === 'Refused' && !event.passing && !context.retryRefused,
    attemptsLeft: ({ context }) => hasAttemptsLeft(context),
    reconnects: ({ context }) => context.reconnect,
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
    delay: 0,
    error: null,
    registration: null,
  }),
  initial: 'offline',
  output: ({ context }) => ({ error: context.error }),
  on: {
    Stop: {
      target: '.stopped',
      // Asked to stop: whatever went wrong before is no longer the reason.
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
          actions: 'forgetAttempts',
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
            actions: 'keepError',
            description: 'The connection is gone; the same endpoint is tried first, after a wait.',
          },
          {
            target: 'stopped',
            actions: 'keepError',
            description: 'The connection is gone and is not to be set up again.',
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
