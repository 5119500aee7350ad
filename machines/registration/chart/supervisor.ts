/**
 * The client's chart around the registration chart: which endpoint it tries, when it retries, and when it
 * gives up. It runs `registrationMachine` as its child, one at a time, and adds nothing to it.
 *
 * The adapter provides the seated chart as the actor `registration`, opens a connection in `open`, closes it in `close`, and
 * sends Failed or Lost only when the connection is closed: so there are never two connections at once.
 */
import { type ActorRefFrom, assign, setup, stopChild } from 'xstate';
import { registrationMachine } from './registration.js';
import {
  type SupervisorContext,
  type SupervisorEvent,
  type SupervisorInput,
  supervisorContext,
  supervisorGuards,
  supervisorUpdates as updates,
} from './supervisor-rules.js';

export {
  type BackOff,
  backOffDelay,
  longestRetryAfter,
  roundOf,
  type SupervisorContext,
  type SupervisorEvent,
  type SupervisorInput,
  type SupervisorState,
  supervisorStates,
} from './supervisor-rules.js';

/** The context of the chart: its memory and its child, one run of the registration chart. */
export interface SupervisedContext extends SupervisorContext {
  readonly registration: ActorRefFrom<typeof registrationMachine> | null;
}

export const supervisorMachine = setup({
  types: {
    context: {} as SupervisedContext,
    events: {} as SupervisorEvent,
    input: {} as SupervisorInput,
    output: {} as { readonly error: Error | null },
  },
  actors: { registration: registrationMachine },
  actions: {
    /** Open a connection for `context.registration` to `context.endpoints[context.endpoint]`. */
    open: () => {},
    /** Close the connection, or give up setting it up. */
    close: () => {},
    startRegistration: assign({
      registration: ({ spawn }) => spawn('registration', { id: 'registration' }),
    }),
    stopRegistration: stopChild('registration'),
    forgetRegistration: assign({ registration: null }),
    keepError: assign(({ context, event }) => updates.keepError(context, event)),
    countAttempt: assign(({ context }) => updates.countAttempt(context)),
    forgetAttempts: assign(() => updates.forgetAttempts()),
    keepRegistered: assign(() => updates.keepRegistered()),
    nextEndpoint: assign(({ context }) => updates.nextEndpoint(context)),
    nextEndpointIfLeft: assign(({ context, event }) => updates.nextEndpointIfLeft(context, event)),
    drawDelay: assign(({ context, event }) => updates.drawDelay(context, event)),
  },
  guards: {
    refusalStands: ({ context, event }) => supervisorGuards.refusalStands(context, event),
    attemptsLeft: ({ context }) => supervisorGuards.attemptsLeft(context),
    reconnects: ({ context, event }) => supervisorGuards.reconnects(context, event),
  },
  delays: {
    backOff: ({ context }) => context.delay,
  },
}).createMachine({
  id: 'supervisor',
  description: 'Keeps one client registered with one of its endpoints.',
  context: ({ input }) => ({ ...supervisorContext(input), registration: null }),
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
      entry: ['countAttempt', 'startRegistration', 'open'],
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
      entry: ['stopRegistration', 'forgetRegistration', 'drawDelay'],
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
