/**
 * The registration lifecycle of an Interaction Server client, as one statechart.
 *
 * The documented model is Genesys's (Events and Models Reference, "Registration"); edges that a documented figure
 * shows carry its name in `meta.figures`. Where the document is silent, the description marks our answer: those answers are
 * this project's own.
 *
 * The chart is finite (no guard reads context) and input-complete (every event has a stated outcome in every
 * configuration), so it can be explored, proved and compiled exactly.
 */
import { type AnyActorRef, assign, setup } from 'xstate';
import type { Clock } from '../../text/clock.js';
import { delayFor } from '../../text/clock.js';
import {
  type DisconnectReason,
  defaultDelays,
  type RegistrationEvent,
  type Seat,
  type SeatActions,
} from './seat.js';

/** The documented figures: 1 successful; 2a, 2b, 2c the three versions of unsuccessful registration. */
export type FigureId = '1' | '2a' | '2b' | '2c';

/** The meta data of a state or a transition. */
export interface ChartMeta {
  /** The documented figures that show it. */
  readonly figures: readonly FigureId[];
}

const shownIn = (...figures: FigureId[]): ChartMeta => ({ figures });

/** A stated outcome that is not a step of the protocol: nothing changes, and the seat's action `unexpected` runs. */
const unexpected = (description: string) => ({ actions: 'unexpected' as const, description });

export const registrationMachine = setup({
  types: {
    context: {} as { reason: DisconnectReason | null },
    events: {} as RegistrationEvent,
    output: {} as { reason: DisconnectReason },
    meta: {} as ChartMeta,
  },
  actions: {
    opened: () => {},
    validate: () => {},
    settle: () => {},
    refuse: () => {},
    refused: () => {},
    granted: () => {},
    registerAgain: () => {},
    deliver: () => {},
    disconnect: () => {},
    unexpected: () => {},
    keepReason: assign({
      reason: (
        { context, event },
        params: { reason: DisconnectReason } | undefined,
      ): DisconnectReason | null =>
        params?.reason ?? (event.type === 'Disconnected' ? event.reason : context.reason),
    }),
  },
  delays: {
    registrationTimeout: defaultDelays.registrationTimeout,
    rejectionTimeout: defaultDelays.rejectionTimeout,
  },
}).createMachine({
  id: 'registration',
  description: 'The registration of one connection, from the connect to the disconnect.',
  context: { reason: null },
  initial: 'connecting',
  output: ({ context }) => ({ reason: context.reason ?? 'transport-error' }),
  states: {
    connecting: {
      description: 'The transport is being set up: TCP, TLS and the WebSocket upgrade.',
      meta: shownIn('1', '2a', '2b', '2c'),
      on: {
        Connected: {
          target: 'connected',
          actions: 'opened',
          description: 'The client connects.',
          meta: shownIn('1', '2a', '2b', '2c'),
        },
        RequestRegisterClient: unexpected(
          'No message can be sent before the connection is set up.',
        ),
        OtherMessage: unexpected('No message can be sent before the connection is set up.'),
        EventAck: unexpected('No message can be sent before the connection is set up.'),
        EventError: unexpected('No message can be sent before the connection is set up.'),
        OtherEvent: unexpected('No message can be sent before the connection is set up.'),
        Disconnected: {
          target: 'disconnected',
          actions: 'keepReason',
          description: 'The transport could not be set up.',
        },
      },
    },
    connected: {
      description: 'The transport is set up: both sides can send messages.',
      initial: 'unregistered',
      on: {
        Connected: unexpected('A connection is set up only once.'),
        Disconnected: {
          target: 'disconnected',
          actions: 'keepReason',
          description: 'The connection ends before a deadline or after the registration.',
        },
      },
      states: {
        unregistered: {
          description: 'The client is not registered. Only leaving this state stops the deadline.',
          type: 'parallel',
          on: {
            OtherEvent: unexpected(
              'The server sends only EventAck and EventError to an unregistered client.',
            ),
          },
          states: {
            exchange: {
              description: 'Which answer is pending.',
              initial: 'awaiting',
              states: {
                awaiting: {
                  description: 'The server waits for RequestRegisterClient.',
                  meta: shownIn('1', '2a', '2b', '2c'),
                  on: {
                    RequestRegisterClient: {
                      target: 'validating',
                      description: 'The client asks to register.',
                      meta: shownIn('1', '2a', '2c'),
                    },
                    OtherMessage: {
                      target: 'refusing',
                      description: 'The client sends another message first.',
                      meta: shownIn('2b', '2c'),
                    },
                    EventAck: unexpected('No request is pending, so EventAck has no effect.'),
                    EventError: {
                      actions: 'refused',
                      description:
                        'The server reports why it closes the connection: malformed-frame, server-busy, shutting-down or kicked. Not in the Genesys document; no figure shows it.',
                    },
                  },
                },
                validating: {
                  description:
                    'The server validates the client. EventAck or EventError is pending.',
                  meta: shownIn('1', '2a', '2c'),
                  entry: 'validate',
                  exit: 'settle',
                  on: {
                    EventAck: {
                      target: '#registration.connected.registered',
                      description: 'The client is valid.',
                      meta: shownIn('1'),
                    },
                    EventError: {
                      target: 'awaiting',
                      actions: 'refused',
                      description:
                        'The client is not valid. It may register again until the rejection deadline (not in the Genesys document).',
                      meta: shownIn('2a', '2c'),
                    },
                    RequestRegisterClient: unexpected(
                      'The server reads no further message while an answer is pending.',
                    ),
                    OtherMessage: unexpected(
                      'The server reads no further message while an answer is pending.',
                    ),
                  },
                },
                refusing: {
                  description:
                    'EventError is pending for a message that came before the registration.',
                  meta: shownIn('2b', '2c'),
                  entry: 'refuse',
                  on: {
                    EventError: {
                      target: 'awaiting',
                      actions: 'refused',
                      description:
                        'The client is not registered. It may still register (not in the Genesys document).',
                      meta: shownIn('2b', '2c'),
                    },
                    EventAck: unexpected(
                      'Only EventError answers a message of an unregistered client.',
                    ),
                    RequestRegisterClient: unexpected(
                      'The server reads no further message while an answer is pending.',
                    ),
                    OtherMessage: unexpected(
                      'The server reads no further message while an answer is pending.',
                    ),
                  },
                },
              },
            },
            deadline: {
              description: 'The deadline of an unregistered connection.',
              initial: 'registration',
              states: {
                registration: {
                  description:
                    'Runs from Connected. The Genesys document does not state when the timeout starts.',
                  after: {
                    registrationTimeout: {
                      target: '#registration.disconnected',
                      actions: { type: 'keepReason', params: { reason: 'registration-timeout' } },
                      description:
                        'The timeout expires before any EventError; the server disconnects a client that is not registered yet. Not in the Genesys document; no figure shows it.',
                    },
                  },
                  on: {
                    EventError: {
                      target: 'rejection',
                      description:
                        'The first EventError replaces this deadline with the rejection deadline.',
                      meta: shownIn('2a', '2b', '2c'),
                    },
                  },
                },
                rejection: {
                  description:
                    'Runs from the first EventError. Later errors do not restart it (not in the Genesys document).',
                  meta: shownIn('2a', '2b', '2c'),
                  after: {
                    rejectionTimeout: {
                      target: '#registration.disconnected',
                      actions: { type: 'keepReason', params: { reason: 'rejection-timeout' } },
                      description: 'The timeout expires; the server disconnects.',
                      meta: shownIn('2a', '2b', '2c'),
                    },
                  },
                },
              },
            },
          },
        },
        registered: {
          description:
            'The client is registered. Its messages go to the service, and the answers of the service to the client.',
          meta: shownIn('1'),
          entry: 'granted',
          on: {
            RequestRegisterClient: {
              actions: 'registerAgain',
              description:
                'The client registers again: EventError already-registered, still registered. Not in the Genesys document.',
            },
            OtherMessage: { actions: 'deliver', description: 'A message for the service.' },
            EventAck: { actions: 'deliver', description: 'An answer from the service.' },
            EventError: { actions: 'deliver', description: 'An error from the service.' },
            OtherEvent: { actions: 'deliver', description: 'A message from the service.' },
          },
        },
      },
    },
    disconnected: {
      description: 'The connection is closed; the output is the reason.',
      meta: shownIn('2a', '2b', '2c'),
      type: 'final',
      entry: 'disconnect',
    },
  },
});

/** The clock of an actor: every actor has one, but the type of its reference lacks it. */
function clockOf(actor: AnyActorRef): Clock | undefined {
  return (actor as { readonly clock?: Clock }).clock;
}

/** The chart with the actions and delays of a seat. */
export function seated(seat: Seat): typeof registrationMachine {
  return seatedEach(() => seat);
}

/**
 * The chart for many actors with different seats. It is created once: one `seated` chart for each session would take longer than the
 * session itself.
 * @param seatOf finds the seat of an actor; called when an action runs or a delay starts.
 */
export function seatedEach(seatOf: (actor: AnyActorRef) => Seat): typeof registrationMachine {
  const call =
    (name: Exclude<keyof SeatActions, 'disconnect'>) =>
    ({ event, self }: { event: RegistrationEvent; self: AnyActorRef }) =>
      seatOf(self).actions[name]?.(event);
  return registrationMachine.provide({
    actions: {
      opened: call('opened'),
      validate: call('validate'),
      settle: call('settle'),
      refuse: call('refuse'),
      refused: call('refused'),
      granted: call('granted'),
      registerAgain: call('registerAgain'),
      deliver: call('deliver'),
      unexpected: call('unexpected'),
      disconnect: ({ context, self }) =>
        seatOf(self).actions.disconnect?.(context.reason ?? 'transport-error'),
    },
    delays: {
      registrationTimeout: ({ self }) =>
        delayFor(clockOf(self), seatOf(self).delays.registrationTimeout),
      rejectionTimeout: ({ self }) => delayFor(clockOf(self), seatOf(self).delays.rejectionTimeout),
    },
  });
}
