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

/** A message of a registered client, with the way to answer it. */
export interface ClientRequest {
  readonly message: WireMessage;
  readonly session: ServerSession;
  readonly reply: Reply;
}

/**
 * The answer to one message; it carries the message's reference id. Each method returns false when the client is gone
 * and nothing was sent. A message is answered by one `ack` or one `error`; a second throws an IxgateError with code
 * ALREADY_ANSWERED.
 */
export interface Reply {
  /** Sends EventAck, with attributes of the service's own if any. */
  ack(attributes?: Readonly<Record<string, unknown>>): boolean;
  /** Sends EventError: a name of ours or any number of the service's own, and a text for people. */
  error(code: ErrorName | number, description: string): boolean;
  /** Sends any message, as often as needed; the reference id is filled in when it has none. */
  send(message: WireMessage): boolean;
}

/** A reply that knows whether the service has sent anything with it. */
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
        `${request.messageName} (referenceId ${referenceId}) has its answer; ${message.messageName} would be a second one. Use reply.send or session.send.`,
      );
    }
    // What cannot be encoded throws: then nothing was sent.
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
