import {
  type ErrorCodes,
  type ErrorName,
  eventAck,
  eventError,
  referenceIdOf,
  type WireMessage,
} from '../../machines/index.js';
import { IxgateError } from '../runtime/errors.js';
import type { ServerSession } from './server-session.js';

/** A message of a registered client, and its reply. */
export interface ClientRequest {
  readonly message: WireMessage;
  readonly session: ServerSession;
  readonly reply: Reply;
}

/**
 * Answers one message; the answer has the message's reference id. Each method returns false when the client is gone and nothing was
 * sent. One `ack` or one `error` answers a message; a second throws an IxgateError with code ALREADY_ANSWERED.
 */
export interface Reply {
  /** Sends EventAck, with the service's attributes if any. */
  ack(attributes?: Readonly<Record<string, unknown>>): boolean;
  /** Sends EventError with a standard error name or a number of the service, and a text for people. */
  error(code: ErrorName | number, description: string): boolean;
  /** Sends any message, any number of times. A message without a reference id gets that of the request. */
  send(message: WireMessage): boolean;
}

/** A reply that records whether the service has sent anything with it. */
export interface TrackedReply extends Reply {
  readonly isUsed: boolean;
}

export function replyTo(
  request: WireMessage,
  codes: ErrorCodes,
  say: (message: WireMessage) => boolean,
): TrackedReply {
  const referenceId = referenceIdOf(request);
  let answered = false;
  let isUsed = false;
  const answer = (message: WireMessage): boolean => {
    if (answered) {
      throw new IxgateError(
        'ALREADY_ANSWERED',
        `${request.messageName} (referenceId ${referenceId}) is already answered; ${message.messageName} would be a second answer. Use reply.send or session.send.`,
      );
    }
    // A message that cannot be encoded throws; then nothing was sent.
    const isSent = say(message);
    answered = isUsed = true;
    return isSent;
  };
  return {
    ack: (attributes) => answer(eventAck(referenceId, attributes)),
    error: (code, description) =>
      answer(eventError(referenceId, typeof code === 'number' ? code : codes[code], description)),
    send: (message) => {
      const isSent = say({ referenceId, ...message });
      isUsed = true;
      return isSent;
    },
    get isUsed() {
      return isUsed;
    },
  };
}
