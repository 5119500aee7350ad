import { duration } from '../../text/format.js';
import type { Configuration } from '../chart/configurations.js';
import { isAnswerName, isRegisterName } from '../chart/message-events.js';
import { referenceIdOf, type WireMessage } from '../chart/messages.js';
import type { FindingMark } from '../session/marks.js';
import { ReferenceIds } from './reference-ids.js';

/** A protocol violation. */
export interface Amiss extends FindingMark {
  /** It follows from the absence of a message, which proves nothing when a part of the log is missing. */
  readonly isAbsence: boolean;
}

const nothing: readonly Amiss[] = [];

/** Whether the server owes an answer to a client that is not registered. */
export function isOwed(configuration: Configuration): boolean {
  return asksToRegister(configuration) || configuration.startsWith('refusing');
}

/** Whether the client has asked to register and was not answered yet. */
export function asksToRegister(configuration: Configuration): boolean {
  return configuration.startsWith('validating');
}

/** Requests and answers of one connection, with their violations. Each configuration is the one before the message. */
export class Exchange {
  readonly #asked = new ReferenceIds();
  #spokeAt = 0;
  /** When the client sent the message that the server has to answer. */
  #owedAt = 0;
  #hasAsked = false;
  #answeredAfter: number | null = null;
  #firstErrorAt: number | null = null;
  /** The log states that the client is registered, but the client has not received EventAck yet. */
  #isSaidRegistered = false;

  /** When the client sent its first message, wall clock; 0 before. */
  get spokeAt(): number {
    return this.#spokeAt;
  }

  /** See `ObservedSession`. */
  get answeredAfter(): number | null {
    return this.#answeredAfter;
  }

  /** When the server first refused it, wall clock, or null. */
  get firstErrorAt(): number | null {
    return this.#firstErrorAt;
  }

  /** Whether a request with this reference id is unanswered. */
  hasAskedWith(referenceId: number | null): boolean {
    return referenceId !== null && this.#asked.has(referenceId);
  }

  /** The client sends a message. */
  hear(message: WireMessage, at: number, configuration: Configuration): void {
    this.#asked.add(referenceIdOf(message));
    if (this.#spokeAt === 0) this.#spokeAt = at;
    if (configuration === 'registered' || isOwed(configuration)) return;
    this.#owedAt = at;
    if (isRegisterName(message.messageName)) this.#hasAsked = true;
  }

  /** The server sends a message. @param client the client's name. */
  answer(
    message: WireMessage,
    at: number,
    configuration: Configuration,
    client: string,
  ): readonly Amiss[] {
    const { messageName } = message;
    const id = referenceIdOf(message);
    const isAsked = this.#asked.take(id);
    if (configuration === 'connecting') return nothing;
    // Built only for a violation, because this runs at every answer.
    const told = () =>
      `the server sent ${messageName}${id === null ? '' : ` with reference id ${id}`} to ${client}`;
    if (!isAnswerName(messageName)) {
      if (configuration === 'registered') return [];
      return [amiss('event-to-unregistered', `${told()}, which is not registered`)];
    }
    if (configuration === 'registered') {
      if (id === null || isAsked || !this.#asked.isComplete) return nothing;
      return [absence('answer-without-request', `${told()}, which sent no request with it`)];
    }
    if (messageName === 'EventError') this.#firstErrorAt ??= at;
    if (!isOwed(configuration)) {
      // A server may report why it is about to close. This EventError answers no request and has no reference id.
      const isUnasked = messageName === 'EventError' && id === null;
      return isUnasked
        ? []
        : [absence('answer-without-request', `${told()}, which has no pending request`)];
    }
    const found: Amiss[] = [];
    const { last } = this.#asked;
    if (id !== null && !isAsked && last !== null) {
      found.push(amiss('wrong-reference-id', `${told()}; the request had ${last}`));
    }
    const isRegistration = asksToRegister(configuration);
    if (messageName === 'EventAck' && !isRegistration) {
      found.push(amiss('acknowledged-unregistered', `${told()}, which is not registered`));
      return found;
    }
    if (isRegistration || (!this.#hasAsked && this.#answeredAfter === null)) {
      this.#answeredAfter = Math.max(0, at - this.#owedAt);
    }
    if (messageName === 'EventError') found.push(...this.#notTold(client));
    this.#isSaidRegistered = false;
    return found;
  }

  /** The log states that the client is registered. */
  registered(configuration: Configuration, client: string): Amiss[] {
    this.#isSaidRegistered = asksToRegister(configuration);
    const isKnown = configuration === 'registered' || configuration === 'connecting';
    if (this.#isSaidRegistered || isKnown) return [];
    const sentence = `the log states that ${client} is registered, but it never asked to register`;
    return [absence('registered-without-request', sentence)];
  }

  /** The connection ends. */
  end(at: number, configuration: Configuration, client: string): Amiss[] {
    const found = this.#notTold(client);
    if (!isOwed(configuration)) return found;
    const until = `got no answer in the ${duration(Math.max(0, at - this.#owedAt))} until the connection ended`;
    const unanswered = asksToRegister(configuration)
      ? absence('registration-unanswered', `${client} asked to register and ${until}`)
      : absence(
          'request-unanswered',
          `${client}, which is not registered, sent a message and ${until}`,
        );
    return [...found, unanswered];
  }

  #notTold(client: string): Amiss[] {
    if (!this.#isSaidRegistered) return [];
    this.#isSaidRegistered = false;
    const sentence = `the log states that ${client} is registered, but it received no EventAck`;
    return [absence('registered-without-answer', sentence)];
  }
}

function amiss(code: FindingMark['code'], sentence: string): Amiss {
  return { code, sentence, isAbsence: false };
}

function absence(code: FindingMark['code'], sentence: string): Amiss {
  return { code, sentence, isAbsence: true };
}
