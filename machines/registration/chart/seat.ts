/**
 * What a seat supplies to the chart. A seat (server, client, observer, tester) gives actions and delays through
 * `registrationMachine.provide(...)`; it never adds a state, and no guard ever reads data: whatever depends on data is
 * decided by the seat and enters the chart as an event.
 */
import type { WireMessage } from './messages.js';

/** Timers, as XState takes them: real ones or a simulated clock. */
export interface Clock {
  /** Whether `setTimeout` handles a delay of `never`. A plain timer fires at once then. @default false */
  readonly takesNever?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: XState leaves the timer handle to the clock.
  setTimeout(fn: (...args: any[]) => void, timeout: number): any;
  // biome-ignore lint/suspicious/noExplicitAny: the same handle.
  clearTimeout(id: any): void;
}

/**
 * Why a session ended. The chart itself finds the two deadlines; the other reasons come with Disconnected. `disconnectWords` names the
 * peer.
 */
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
  drained: 'the server shut down',
} as const;
export type DisconnectReason = keyof typeof disconnectReasons;

/** The chart's events: what goes over the wire, told apart by who says it, and the two ends of the connection. */
export type RegistrationEvent =
  /** The transport is set up. */
  | { readonly type: 'Connected' }
  /** The client asks to register. */
  | { readonly type: 'RequestRegisterClient'; readonly message?: WireMessage }
  /** The client says anything else. A client that says EventAck says "anything else". */
  | { readonly type: 'OtherMessage'; readonly message?: WireMessage }
  /** The server acknowledges. */
  | { readonly type: 'EventAck'; readonly message?: WireMessage }
  /** The server refuses. */
  | { readonly type: 'EventError'; readonly message?: WireMessage }
  /** The server says anything else. */
  | { readonly type: 'OtherEvent'; readonly message?: WireMessage }
  /** The connection is gone, or this seat has decided that it goes. */
  | { readonly type: 'Disconnected'; readonly reason: DisconnectReason };

/** The names of the chart's events. */
export type RegistrationEventType = RegistrationEvent['type'];

/** The chart's inputs in a fixed order: what every configuration must have an outcome for. */
export const registrationEventTypes = [
  'Connected',
  'RequestRegisterClient',
  'OtherMessage',
  'EventAck',
  'EventError',
  'OtherEvent',
  'Disconnected',
] as const satisfies readonly RegistrationEventType[];

/** The actions the chart names, each with the moment it runs. All are optional for a seat; the default does nothing. */
export interface SeatActions {
  /** The connection is set up (client: send RequestRegisterClient). */
  opened(event: RegistrationEvent): void;
  /** RequestRegisterClient was said (server: ask the validator; client: wait at most replyTimeout). */
  validate(event: RegistrationEvent): void;
  /** Validation is over, however it ended (server: abort the validator; client: stop waiting). */
  settle(event: RegistrationEvent): void;
  /** Something else was said first (server: send EventError not-registered). */
  refuse(event: RegistrationEvent): void;
  /** EventError was said before the registration was granted (client: tell the caller). */
  refused(event: RegistrationEvent): void;
  /** The registration is granted. */
  granted(event: RegistrationEvent): void;
  /** A registered client registers again (server: send EventError already-registered). */
  registerAgain(event: RegistrationEvent): void;
  /** A message of a registered session (server: hand the client's to the service; client: hand the server's to the caller). */
  deliver(event: RegistrationEvent): void;
  /** The session is over (close the connection if it is still there). */
  disconnect(reason: DisconnectReason): void;
  /** The chart has no answer to this event here; it changes nothing. The observer makes a finding of it. */
  unexpected(event: RegistrationEvent): void;
}

/** The delays the chart names, in milliseconds; `never` for a deadline that another seat keeps. */
export interface SeatDelays {
  /** From Connected until an unregistered client is disconnected. */
  readonly registrationTimeout: number;
  /** From the first EventError until an unregistered client is disconnected. */
  readonly rejectionTimeout: number;
}

/** A delay that never ends, for a deadline that another seat keeps. */
export const never = Number.POSITIVE_INFINITY;

/** A seat: some of the actions, both delays. */
export interface Seat {
  readonly actions: Partial<SeatActions>;
  readonly delays: SeatDelays;
}

/** The deadlines where the document gives no figure; this project's own choice. */
export const defaultDelays: SeatDelays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
