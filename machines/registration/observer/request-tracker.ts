import { duration } from '../../text/format.js';
import type { Configuration } from '../chart/configurations.js';
import { isAnswerName, isRegisterName } from '../chart/message-events.js';
import { referenceIdOf, type WireMessage } from '../chart/messages.js';
import type { FindingMark } from '../session/marks.js';
import { ReferenceIds } from './reference-ids.js';

/** A possible finding. It is dropped when it rests on an absence and lines are missing. */
export interface FindingCandidate extends FindingMark {
  /** Whether the finding follows from the absence of a message, which proves nothing where a part of the log is missing. */
  readonly isAbsence: boolean;
}

const none: readonly FindingCandidate[] = [];

/** Whether an unregistered client waits for an answer of the server. */
export function owesAnswer(configuration: Configuration): boolean {
  return awaitsVerdict(configuration) || configuration.startsWith('refusing');
}

/** Whether RequestRegisterClient waits for its answer. */
export function awaitsVerdict(configuration: Configuration): boolean {
  return configuration.startsWith('validating');
}

/** Tracks the requests and answers of one connection and finds violations. All configurations are those before the message. */
export class RequestTracker {
  readonly #asked = new ReferenceIds();
  #firstMessageAt = 0;
  /** Wall clock of the message whose answer is pending. */
  #owedAt = 0;
  #hasAsked = false;
  #answeredAfter: number | null = null;
  #firstErrorAt: number | null = null;
  /** The log states that the client is registered, but no EventAck was seen yet. */
  #isSaidRegistered = false;

  /** Wall clock of the client's first message; 0 before. */
  get firstMessageAt(): number {
    return this.#firstMessageAt;
  }

  /** See `ObservedSession`. */
  get answeredAfter(): number | null {
    return this.#answeredAfter;
  }

  /** Wall clock of the first EventError, or null. */
  get firstErrorAt(): number | null {
    return this.#firstErrorAt;
  }

  /** Whether the client waits for an answer with this reference id. */
  awaitsAnswer(referenceId: number | null): boolean {
    return referenceId !== null && this.#asked.has(referenceId);
  }

  /** Records a message of the client. */
  recordRequest(message: WireMessage, at: number, configuration: Configuration): void {
    this.#asked.add(referenceIdOf(message));
    if (this.#firstMessageAt === 0) this.#firstMessageAt = at;
    if (configuration === 'registered' || owesAnswer(configuration)) return;
    this.#owedAt = at;
    if (isRegisterName(message.messageName)) this.#hasAsked = true;
  }

  /** Checks a message of the server. @param client its name for the sentences. */
  checkAnswer(
    message: WireMessage,
    at: number,
    configuration: Configuration,
    client: string,
  ): readonly FindingCandidate[] {
    const { messageName } = message;
    const id = referenceIdOf(message);
    const isAsked = this.#asked.take(id);
    if (configuration === 'connecting') return none;
    // Made only for a finding, because this runs for every answer.
    const told = () =>
      `the server sent ${messageName}${id === null ? '' : ` with reference id ${id}`} to ${client}`;
    if (!isAnswerName(messageName)) {
      if (configuration === 'registered') return [];
      return [candidate('event-to-unregistered', `${told()}, which is not registered`)];
    }
    if (configuration === 'registered') {
      if (id === null || isAsked || !this.#asked.isComplete) return none;
      return [
        absenceCandidate('answer-without-request', `${told()}, which sent no request with it`),
      ];
    }
    if (messageName === 'EventError') this.#firstErrorAt ??= at;
    if (!owesAnswer(configuration)) {
      // A server may send an unsolicited EventError before it closes; it has no reference id.
      const isUnsolicited = messageName === 'EventError' && id === null;
      return isUnsolicited
        ? []
        : [absenceCandidate('answer-without-request', `${told()}, which has no pending request`)];
    }
    const found: FindingCandidate[] = [];
    const { last } = this.#asked;
    if (id !== null && !isAsked && last !== null) {
      found.push(candidate('wrong-reference-id', `${told()}; the request had ${last}`));
    }
    const isRegistration = awaitsVerdict(configuration);
    if (messageName === 'EventAck' && !isRegistration) {
      found.push(candidate('acknowledged-unregistered', `${told()}, which is not registered`));
      return found;
    }
    if (isRegistration || (!this.#hasAsked && this.#answeredAfter === null)) {
      this.#answeredAfter = Math.max(0, at - this.#owedAt);
    }
    if (messageName === 'EventError') found.push(...this.#registeredWithoutAnswer(client));
    this.#isSaidRegistered = false;
    return found;
  }

  /** Checks a line that states the registration. */
  checkRegistered(configuration: Configuration, client: string): FindingCandidate[] {
    this.#isSaidRegistered = awaitsVerdict(configuration);
    const isKnown = configuration === 'registered' || configuration === 'connecting';
    if (this.#isSaidRegistered || isKnown) return [];
    const sentence = `the log states that ${client} is registered, but it never asked to register`;
    return [absenceCandidate('registered-without-request', sentence)];
  }

  /** Checks the end of the connection. */
  checkEnd(at: number, configuration: Configuration, client: string): FindingCandidate[] {
    const found = this.#registeredWithoutAnswer(client);
    if (!owesAnswer(configuration)) return found;
    const until = `got no answer in the ${duration(Math.max(0, at - this.#owedAt))} until the connection ended`;
    const unanswered = awaitsVerdict(configuration)
      ? absenceCandidate('registration-unanswered', `${client} asked to register and ${until}`)
      : absenceCandidate(
          'request-unanswered',
          `${client}, which is not registered, sent a message and ${until}`,
        );
    return [...found, unanswered];
  }

  #registeredWithoutAnswer(client: string): FindingCandidate[] {
    if (!this.#isSaidRegistered) return [];
    this.#isSaidRegistered = false;
    const sentence = `the log states that ${client} is registered, but it received no EventAck`;
    return [absenceCandidate('registered-without-answer', sentence)];
  }
}

function candidate(code: FindingMark['code'], sentence: string): FindingCandidate {
  return { code, sentence, isAbsence: false };
}

function absenceCandidate(code: FindingMark['code'], sentence: string): FindingCandidate {
  return { code, sentence, isAbsence: true };
}
