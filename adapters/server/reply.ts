import type { ErrorCodes, ErrorName } from '../../machines/registration/chart/error-codes.js';
import {
  eventAck,
  eventError,
  referenceIdOf,
  type WireMessage,
} from '../../machines/registration/chart/messages.js';
import { IxgateError } from '../runtime/errors.js';
import type { SendOutcome } from './send-outcome.js';
import type { ServerSession } from './server-session.js';

/** Attributes of an EventAck that are not declared. */
type AnyAttributes = Readonly<Record<string, unknown>>;

/** A message of a registered client, and its reply. */
export interface ClientRequest<Data = undefined, Message = WireMessage, Ack = AnyAttributes> {
  readonly message: Message;
  readonly session: ServerSession<Data>;
  readonly reply: Reply<Ack>;
}

/**
 * Answers one message; the answer has the message's reference id. Each method returns what happened to the answer. One `ack` or one
 * `error` answers a message; a second throws an IxgateError with code ALREADY_ANSWERED.
 */
export interface Reply<Ack = AnyAttributes> {
  /**
   * Sends EventAck with the service's attributes, which are optional if none of them is required.
   * @throws {InvalidReplyError} for attributes that do not fit the schema `ack` of the message
   */
  ack(
    ...attributes: Record<never, never> extends Ack ? [attributes?: Ack] : [attributes: Ack]
  ): SendOutcome;
  /** Sends EventError with a standard error name or a number of the service, and a text for people. */
  error(code: ErrorName | number, description: string): SendOutcome;
  /** Sends any message, any number of times. A message without a reference id gets that of the request. */
  send(message: WireMessage): SendOutcome;
}

/** The reply that the gate makes. */
export interface TrackedReply extends Reply {
  /** Whether the service has sent anything with it. */
  readonly isUsed: boolean;
  /** Checks the attributes of `ack`, and may change them; null for no check. */
  checkAck: ((attributes: AnyAttributes) => AnyAttributes) | null;
}

export function replyTo(
  request: WireMessage,
  codes: ErrorCodes,
  say: (message: WireMessage) => SendOutcome,
): TrackedReply {
  const referenceId = referenceIdOf(request);
  let answered = false;
  let isUsed = false;
  const answer = (message: WireMessage): SendOutcome => {
    if (answered) {
      throw new IxgateError(
        'ALREADY_ANSWERED',
        `${request.messageName} (referenceId ${referenceId}) is already answered; ${message.messageName} would be a second answer. Use reply.send or session.send.`,
      );
    }
    // A message that cannot be encoded throws; then nothing was sent.
    const outcome = say(message);
    answered = isUsed = true;
    return outcome;
  };
  const reply: TrackedReply = {
    checkAck: null,
    ack: (attributes) => {
      const checked = reply.checkAck ? reply.checkAck(attributes ?? {}) : attributes;
      return answer(eventAck(referenceId, checked));
    },
    error: (code, description) =>
      answer(eventError(referenceId, typeof code === 'number' ? code : codes[code], description)),
    send: (message) => {
      const outcome = say({ referenceId, ...message });
      isUsed = true;
      return outcome;
    },
    get isUsed() {
      return isUsed;
    },
  };
  return reply;
}
