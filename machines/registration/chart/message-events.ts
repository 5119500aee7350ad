/**
 * The one mapping from messages on the wire to events of the chart. It depends on the sender: a client that sends EventAck has
 * sent OtherMessage.
 */
import type { WireMessage } from './messages.js';
import type { RegistrationEvent } from './seat.js';

/** The chart's events for the messages of a client. */
export type ClientEventType = 'RequestRegisterClient' | 'OtherMessage';

/** The chart's events for the messages of a server. */
export type ServerEventType = AnswerName | 'OtherEvent';

/** The messages that answer a request. */
export type AnswerName = 'EventAck' | 'EventError';

/** Whether a client's message with this name asks for the registration. */
export function isRegisterName(messageName: string): messageName is 'RequestRegisterClient' {
  return messageName === 'RequestRegisterClient';
}

/** Whether a server's message with this name answers a request. */
export function isAnswerName(messageName: string): messageName is AnswerName {
  return messageName === 'EventAck' || messageName === 'EventError';
}

/** The type of the event for a client's message with this name. */
export function clientEventType(messageName: string): ClientEventType {
  return isRegisterName(messageName) ? messageName : 'OtherMessage';
}

/** The type of the event for a server's message with this name. */
export function serverEventType(messageName: string): ServerEventType {
  return isAnswerName(messageName) ? messageName : 'OtherEvent';
}

/** The event for a message, by its sender. */
export function eventOfMessage(from: 'client' | 'server', message: WireMessage): RegistrationEvent {
  const { messageName } = message;
  return from === 'client'
    ? { type: clientEventType(messageName), message }
    : { type: serverEventType(messageName), message };
}

/** The message of an event; only the name, where the event carries no message. */
export function messageOfEvent(event: RegistrationEvent): WireMessage {
  return 'message' in event && event.message ? event.message : { messageName: event.type };
}
