/** Compares what a server sends with what a case expects. `DeadlineJudge` judges when it disconnects. */
import type { Configuration } from '../../../machines/registration/chart/configurations.js';
import { transitionsTaken } from '../../../machines/registration/chart/edges.js';
import { isAnswerName } from '../../../machines/registration/chart/message-events.js';
import { referenceIdOf, type WireMessage } from '../../../machines/registration/chart/messages.js';
import {
  errorOf,
  nameOf,
  type ObservedArrow,
} from '../../../machines/registration/figures/observed.js';
import { eventSaid } from '../../../machines/registration/figures/play.js';
import {
  answeredTwice,
  compareAnswer,
  disconnectedInstead,
  hasReferenceId,
  invalidFrame,
  notDisconnected,
  type RequestKind,
  unanswered,
  unsolicitedMessage,
  unsolicitedWhen,
} from '../../../machines/registration/figures/server-findings.js';
import { eventOf } from '../../../machines/registration/sut/inputs.js';
import { answersOf } from './documented-edges.js';
import type { CaseDifference } from './result.js';
import { type PlayedStep, stepDifference } from './step-difference.js';

export class Judge {
  readonly #played: readonly PlayedStep[];
  /** Reference ids of the requests that were answered. */
  readonly #answered = new Set<number>();

  /** @param played every step so far; the last one is in progress. */
  constructor(played: readonly PlayedStep[]) {
    this.#played = played;
  }

  /** Records an answer that was accepted. Another one to the same request is a difference. */
  recordAnswer(message: WireMessage): void {
    const id = referenceIdOf(message);
    if (id !== null && isAnswerName(message.messageName)) this.#answered.add(id);
  }

  /**
   * Whether EventAck or EventError answers no open request: its request was answered already or was never sent. Other messages and an
   * EventError without a reference id need no request.
   */
  isStray(message: WireMessage): boolean {
    if (!isAnswerName(message.messageName)) return false;
    const id = referenceIdOf(message);
    if (id !== null) return this.#answered.has(id) || !this.#askedWith(id);
    return hasReferenceId(message) || this.#acknowledgesNothing(message);
  }

  /** @param waited milliseconds without an answer. */
  silent(played: PlayedStep, expected: string, waited: number): CaseDifference {
    const edges = answersOf(played.step);
    return stepDifference(played, unanswered(requestOf(played), waited), { expected, edges });
  }

  /** The connection ended instead of an answer. */
  disconnectedEarly(played: PlayedStep, expected: string, seen: ObservedArrow): CaseDifference {
    const finding = disconnectedInstead(seen.at - played.at, requestOf(played), expected);
    return stepDifference(played, finding, { expected, seen, edges: answersOf(played.step) });
  }

  /** @returns null when an arrow is the expected answer. */
  answer(played: PlayedStep, expected: string, seen: ObservedArrow): CaseDifference | null {
    const { message } = seen;
    const edges = answersOf(played.step);
    if (!message) return this.invalidFrame(played, seen, expected, edges);
    const id = referenceIdOf(message);
    if (
      id !== null &&
      id !== played.referenceId &&
      (this.#askedWith(id) || isApart(played, message, expected))
    )
      return this.unsolicited(played, seen);
    const finding = compareAnswer(message, {
      messageName: expected,
      kind: kindOfRequest(played),
      request: requestOf(played),
      referenceId: played.referenceId ?? undefined,
    });
    if (finding === 'unsolicited') return this.unsolicited(played, seen);
    if (finding) return stepDifference(played, finding, { expected, seen, edges });
    this.recordAnswer(message);
    return null;
  }

  /** A message that answers no pending request. */
  unsolicited(played: PlayedStep, seen: ObservedArrow): CaseDifference {
    if (seen.kind === 'fault') return this.invalidFrame(played, seen);
    const message = seen.message ?? { messageName: '' };
    const name = nameOf(message);
    const before = this.#answeredBy(message, played);
    if (before && before.step.output !== '') {
      const finding = answeredTwice(requestOf(before), name);
      return stepDifference(before, finding, { seen, edges: answersOf(before.step) });
    }
    const when = before
      ? `in answer to ${requestOf(before)}, where no answer is expected`
      : this.#withoutRequest(message);
    const finding = unsolicitedMessage(name, `${when}${errorOf(message)}`);
    return stepDifference(played, finding, { seen, edges: edgesOfMessage(played, message) });
  }

  invalidFrame(
    played: PlayedStep,
    seen: ObservedArrow,
    expected = 'nothing more',
    edges: readonly string[] = [],
  ): CaseDifference {
    return stepDifference(played, invalidFrame('server', seen.detail), { expected, seen, edges });
  }

  tooMany(played: PlayedStep, seen: ObservedArrow, count: number): CaseDifference {
    const sentence = `The server sent more than ${count} messages in answer to ${played.sent ?? 'nothing'}.`;
    const finding = { code: 'too-many-messages', sentence } as const;
    return stepDifference(played, finding, {
      expected: 'an answer of the service',
      seen,
      edges: [],
    });
  }

  /** The connection stayed open after an invalid frame. @param waited milliseconds. */
  notClosed(played: PlayedStep, waited: number): CaseDifference {
    const { sentence } = notDisconnected(waited, requestOf(played));
    const edges = ['connected:Disconnected'];
    const finding = { code: 'not-closed', sentence } as const;
    return stepDifference(played, finding, { expected: 'a disconnect', edges });
  }

  /** The request that a message answers, answered or not. An invalid frame has no reference id. */
  #answeredBy(message: WireMessage, played: PlayedStep): PlayedStep | undefined {
    const id = referenceIdOf(message);
    const isFrame = played.sent !== null && played.referenceId === null;
    return isFrame && id === null && isAnswerName(message.messageName)
      ? played
      : this.#askedWith(id);
  }

  /** When a message came that answers no request, in words. */
  #withoutRequest(message: WireMessage): string {
    const hasSent = this.#played.some(({ sent }) => sent !== null);
    return hasSent && !hasReferenceId(message) && this.#acknowledgesNothing(message)
      ? 'without a reference id, after every request was answered'
      : unsolicitedWhen(message, hasSent);
  }

  /** An EventAck without a reference id may answer any open request, if there is one. */
  #acknowledgesNothing({ messageName }: WireMessage): boolean {
    return (
      messageName === 'EventAck' &&
      this.#played.every(
        ({ referenceId }) => referenceId === null || this.#answered.has(referenceId),
      )
    );
  }

  #askedWith(id: number | null): PlayedStep | undefined {
    return id === null ? undefined : this.#played.find(({ referenceId }) => referenceId === id);
  }
}

/**
 * Whether a message with the reference id of no request is judged apart from the step. The answer to an invalid frame has no reference id,
 * and a registered client may receive other answers than the expected one.
 */
function isApart(
  { referenceId, step }: PlayedStep,
  message: WireMessage,
  expected: string,
): boolean {
  if (!isAnswerName(message.messageName)) return false;
  return referenceId === null || (step.from === 'registered' && message.messageName !== expected);
}

function requestOf({ sent }: PlayedStep): string {
  return sent ?? 'nothing';
}

function edgesOfMessage({ step }: PlayedStep, message: WireMessage): string[] {
  const event = eventSaid('Interaction Server', message).type;
  return transitionsTaken(step.from as Configuration, event).map(({ id }) => id);
}

function kindOfRequest({ step }: PlayedStep): RequestKind {
  const { input, from, edges, output } = step;
  if (input === 'register-malformed') return 'malformed-request';
  if (input === 'register-invalid')
    return from === 'registered' ? 'registered-client' : 'invalid-client';
  if (input === 'register') {
    if (output.startsWith('EventError')) return 'registered-client';
    return from === 'awaiting/rejection' ? 'refused-client' : 'valid-client';
  }
  if (eventOf(input) !== 'OtherMessage') return 'other';
  if (from === 'registered') return 'registered-message';
  return edges.includes('awaiting:OtherMessage') ? 'unregistered-message' : 'other';
}
