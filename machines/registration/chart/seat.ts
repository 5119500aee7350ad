/**
 * The parts of the chart that a seat supplies. A seat (server, client, observer, tester) gives actions and delays through
 * `registrationMachine.provide(...)`. It never adds a state, and guards never read data: the seat makes every decision that depends on
 * data and sends it to the chart as an event.
 */
import type { WireMessage } from './messages.js';

/** Why a session ended. The two deadlines belong to the chart; the event Disconnected carries the other reasons. */
export const disconnectReasons = {
  'registration-timeout': 'the client did not register before the registration deadline',
  'rejection-timeout': 'the client was refused and did not register before the rejection deadline',
  'peer-closed': 'the peer closed the connection',
  'server-closed': 'the server closed the connection',
  'client-closed': 'the client closed the connection',
  'protocol-error': 'a frame was invalid',
  'transport-error': 'the connection broke',
  'handshake-failed': 'the transport was never set up (TLS, WebSocket upgrade or timeout)',
  'connect-failed': 'the endpoint could not be reached',
  'reply-timeout': 'the server did not answer the registration in time',
  'slow-reader': 'the peer did not read the messages that were sent to it',
  'too-many-errors': 'the client was refused too often',
  replaced: 'another connection registered with the same name',
  revoked: 'the client is no longer valid',
  kicked: 'an operator disconnected the client',
  'directory-lost': 'the gate lost the directory of names',
  drained: 'the server shut down',
} as const;
export type DisconnectReason = keyof typeof disconnectReasons;

/**
 * Why a connection ended, in words that name the side, e.g. `the client closed the connection`.
 * @param seat the seat that recorded the reason.
 */
export function disconnectWords(reason: DisconnectReason, seat: string): string {
  const isClient = seat === 'client' || seat === 'tester';
  return disconnectReasons[reason].replace('the peer', isClient ? 'the server' : 'the client');
}

/** The chart's events: the messages on the wire, by their sender, and the connection's start and end. */
export type RegistrationEvent =
  /** The transport is set up. */
  | { readonly type: 'Connected' }
  /** The client asks to register. */
  | { readonly type: 'RequestRegisterClient'; readonly message?: WireMessage }
  /** The client sends any other message; EventAck from a client is one, too. */
  | { readonly type: 'OtherMessage'; readonly message?: WireMessage }
  /** The server acknowledges. */
  | { readonly type: 'EventAck'; readonly message?: WireMessage }
  /** The server refuses. */
  | { readonly type: 'EventError'; readonly message?: WireMessage }
  /** The server sends any other message. */
  | { readonly type: 'OtherEvent'; readonly message?: WireMessage }
  /** The connection has closed, or this seat has decided to close it. */
  | { readonly type: 'Disconnected'; readonly reason: DisconnectReason };

/** The names of the chart's events. */
export type RegistrationEventType = RegistrationEvent['type'];

/** The chart's events in a fixed order. Every configuration must have an outcome for each. */
export const registrationEventTypes = [
  'Connected',
  'RequestRegisterClient',
  'OtherMessage',
  'EventAck',
  'EventError',
  'OtherEvent',
  'Disconnected',
] as const satisfies readonly RegistrationEventType[];

/** The actions of the chart, each with the moment it runs. All are optional for a seat; by default an action does nothing. */
export interface SeatActions {
  /** The connection is set up (client: send RequestRegisterClient). */
  opened(event: RegistrationEvent): void;
  /** RequestRegisterClient was sent (server: ask the validator; client: wait at most replyTimeout). */
  validate(event: RegistrationEvent): void;
  /** The validation has ended in any way (server: abort the validator; client: stop waiting). */
  settle(event: RegistrationEvent): void;
  /** Another message came first (server: send EventError not-registered). */
  refuse(event: RegistrationEvent): void;
  /** EventError was sent before the registration was granted (client: notify the caller). */
  refused(event: RegistrationEvent): void;
  /** The registration is granted. */
  granted(event: RegistrationEvent): void;
  /** A registered client registers again (server: send EventError already-registered). */
  registerAgain(event: RegistrationEvent): void;
  /** A message of a registered session (server: pass the client's message to the service; client: pass the server's to the caller). */
  deliver(event: RegistrationEvent): void;
  /** The session has ended (close the connection if it is still open). */
  disconnect(reason: DisconnectReason): void;
  /** The event is a protocol violation here and changes nothing. The observer reports a finding. */
  unexpected(event: RegistrationEvent): void;
}

/** The delays of the chart, in milliseconds; `never` for a deadline that another seat keeps. */
export interface SeatDelays {
  /** From Connected until an unregistered client is disconnected. */
  readonly registrationTimeout: number;
  /** From the first EventError until an unregistered client is disconnected. */
  readonly rejectionTimeout: number;
}

/** A seat: some of the actions, both delays. */
export interface Seat {
  readonly actions: Partial<SeatActions>;
  readonly delays: SeatDelays;
}

/** The deadlines where the document gives no figure; this project's own choice. */
export const defaultDelays: SeatDelays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
