/** What the chart's actions do on the wire in the server's seat: one table for the server, its models and the simulations. */
import type { ErrorName } from './error-codes.js';
import type { AnswerName } from './message-events.js';
import type { RegistrationEventType, SeatActions } from './seat.js';

/** Sends EventError. */
export interface ServerRejection {
  readonly kind: 'reject';
  readonly error: ErrorName;
  /** The text of the error, for seats that give no details. */
  readonly description: string;
}

/** The effect of one action. */
export type ServerEffect =
  /** Asks the validator and sends its verdict. */
  | {
      readonly kind: 'validate';
      readonly valid: AnswerName;
      readonly invalid: AnswerName;
      /** The error of `invalid` where the validator names no other. */
      readonly error: ErrorName;
      /** The text of the error, for seats that give no details. */
      readonly description: string;
    }
  /** Cancels the validation: its verdict is not sent. */
  | { readonly kind: 'cancel' }
  | ServerRejection
  /** Hands the message of `event` to the service, which may answer it. Other events need nothing. */
  | { readonly kind: 'deliver'; readonly event: RegistrationEventType }
  /** Closes the connection. */
  | { readonly kind: 'close' }
  /** Sends nothing. */
  | { readonly kind: 'none' };

/** The effect of each action that a seat supplies. */
export const serverEffects = Object.freeze({
  opened: { kind: 'none' },
  validate: {
    kind: 'validate',
    valid: 'EventAck',
    invalid: 'EventError',
    error: 'invalid-client',
    description: 'client is not valid',
  },
  settle: { kind: 'cancel' },
  refuse: {
    kind: 'reject',
    error: 'not-registered',
    description: 'client is not registered',
  },
  refused: { kind: 'none' },
  granted: { kind: 'none' },
  registerAgain: {
    kind: 'reject',
    error: 'already-registered',
    description: 'client is already registered',
  },
  deliver: { kind: 'deliver', event: 'OtherMessage' },
  disconnect: { kind: 'close' },
  unexpected: { kind: 'none' },
} as const satisfies Readonly<Record<keyof SeatActions, ServerEffect>>);

const none: ServerEffect = serverEffects.opened;

/** The effect of an action by its name. An unknown action, such as one that only assigns context, sends nothing. */
export function serverEffectOf(action: string): ServerEffect {
  return Object.hasOwn(serverEffects, action)
    ? serverEffects[action as keyof typeof serverEffects]
    : none;
}
