import { duration } from '../../text/format.js';
import type { Configuration } from '../chart/configurations.js';
import { isAnswerName, isRegisterName } from '../chart/message-events.js';
import { referenceIdOf, type WireMessage } from '../chart/messages.js';
import type { FindingMark } from './marks.js';
import { ReferenceIds } from './reference-ids.js';

/** Something that the chart has no answer to. */
export interface FindingCandidate extends FindingMark {
  /** It is amiss only because something is not there: that proves nothing where a part of the log is missing. */
  readonly isAbsence: boolean;
}

const nothing: readonly FindingCandidate[] = [];

/** Whether the server owes an answer to a client that is not registered. */
export function owesAnswer(configuration: Configuration): boolean {
  return awaitsVerdict(configuration) || configuration.startsWith('refusing');
}

/** Whether the client has asked to register and was not answered yet. */
export function awaitsVerdict(configuration: Configuration): boolean {
  return configuration.startsWith('validating');
}

/** What was asked and answered on one connection, and what of it is amiss. Every configuration is the one before the message. */
export class RequestTracker {
  readonly #asked = new ReferenceIds();
  #spokeAt = 0;
  /** When the client said what the server owes an answer to. */
  #owedAt = 0;
  #hasAsked = false;
  #answeredAfter: number | null = null;
  #firstErrorAt: number | null = null;
  /** The log says that the client is registered, and the client was not told yet. */
  #isSaidRegistered = false;

  /** When the client spoke first, wall clock; 0 before. */
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

  /** Whether an answer with this reference id is owed to it. */
  hasAskedWith(referenceId: number | null): boolean {
    return referenceId !== null && this.#asked.has(referenceId);
  }

  /** The client says something. */
  recordRequest(message: WireMessage, at: number, configuration: Configuration): void {
    this.#asked.add(referenceIdOf(message));
    if (this.#spokeAt === 0) this.#spokeAt = at;
    if (configuration === 'registered' || owesAnswer(configuration)) return;
    this.#owedAt = at;
    if (isRegisterName(message.messageName)) this.#hasAsked = true;
  }

  /** The server says something. @param client as it is called. */
  checkAnswer(
    message: WireMessage,
    at: number,
    configuration: Configuration,
    client: string,
  ): readonly FindingCandidate[] {
    const { messageName } = message;
    const id = referenceIdOf(message);
    const isAsked = this.#asked.take(id);
    if (configuration === 'connecting') return nothing;
    // Put together where something is amiss only: it is asked at every answer.
    const told = () =>
      `the server says ${messageName}${id === null ? '' : ` with reference id ${id}`} to ${client}`;
    if (!isAnswerName(messageName)) {
      if (configuration === 'registered') return [];
      return [candidate('event-to-unregistered', `${told()}, which is not registered`)];
    }
    if (configuration === 'registered') {
      if (id === null || isAsked || !this.#asked.isComplete) return nothing;
      return [absenceCandidate('answer-without-request', `${told()}, which asked nothing with it`)];
    }
    if (messageName === 'EventError') this.#firstErrorAt ??= at;
    if (!owesAnswer(configuration)) {
      // A server may say unasked why it is about to close; it has no reference id to say then.
      const isUnasked = messageName === 'EventError' && id === null;
      return isUnasked
        ? []
        : [absenceCandidate('answer-without-request', `${told()}, which waits for none`)];
    }
    const found: FindingCandidate[] = [];
    const { last } = this.#asked;
    if (id !== null && !isAsked && last !== null) {
      found.push(candidate('wrong-reference-id', `${told()}, which asked with ${last}`));
    }
    const isRegistration = awaitsVerdict(configuration);
    if (messageName === 'EventAck' && !isRegistration) {
      found.push(candidate('acknowledged-unregistered', `${told()}, which is not registered`));
      return found;
    }
    if (isRegistration || (!this.#hasAsked && this.#answeredAfter === null)) {
      this.#answeredAfter = Math.max(0, at - this.#owedAt);
    }
    if (messageName === 'EventError') found.push(...this.#notTold(client));
    this.#isSaidRegistered = false;
    return found;
  }

  /** The log says that the client is registered. */
  checkRegistered(configuration: Configuration, client: string): FindingCandidate[] {
    this.#isSaidRegistered = awaitsVerdict(configuration);
    const isKnown = configuration === 'registered' || configuration === 'connecting';
    if (this.#isSaidRegistered || isKnown) return [];
    const sentence = `the log says that ${client} is registered, and it never asked`;
    return [absenceCandidate('registered-without-request', sentence)];
  }

  /** The connection ends. */
  checkEnd(at: number, configuration: Configuration, client: string): FindingCandidate[] {
    const found = this.#notTold(client);
    if (!owesAnswer(configuration)) return found;
    const until = `was not answered in the ${duration(Math.max(0, at - this.#owedAt))} until it was gone`;
    const unanswered = awaitsVerdict(configuration)
      ? absenceCandidate('registration-unanswered', `${client} asked to register and ${until}`)
      : absenceCandidate(
          'request-unanswered',
          `${client}, which is not registered, spoke and ${until}`,
        );
    return [...found, unanswered];
  }

  #notTold(client: string): FindingCandidate[] {
    if (!this.#isSaidRegistered) return [];
    this.#isSaidRegistered = false;
    const sentence = `the log says that ${client} is registered, and no EventAck says so to it`;
    return [absenceCandidate('registered-without-answer', sentence)];
  }
}

function candidate(code: FindingMark['code'], sentence: string): FindingCandidate {
  return { code, sentence, isAbsence: false };
}

function absenceCandidate(code: FindingMark['code'], sentence: string): FindingCandidate {
  return { code, sentence, isAbsence: true };
}
