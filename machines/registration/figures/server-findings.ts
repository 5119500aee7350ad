/**
 * Compares what a server did with what was expected, and words the difference. Figures, the cases of a suite and the judge of clients
 * share these rules and sentences.
 */

import { abridged } from '../../text/format.js';
import { isAnswerName } from '../chart/message-events.js';
import { isCompleteError, referenceIdOf, type WireMessage } from '../chart/messages.js';
import { errorOf, inMilliseconds as ms, nameOf } from './observed.js';

/** Wrong acknowledgements, by what the client sent. */
const acknowledged = {
  'invalid-client': 'a client that is not valid',
  'registered-client': 'a client that is registered already',
  'malformed-request': 'a RequestRegisterClient whose attributes are wrong',
  'unregistered-message': 'a message of a client that is not registered',
} as const;

/** Wrong rejections, by what the client sent. */
const refused = {
  'valid-client': 'a client that is valid',
  'refused-client': 'a client that is valid after an earlier refusal',
  'registered-message': 'a message of a registered client',
} as const;

/** What the client sent, as far as sentences distinguish it. */
export type RequestKind = keyof typeof acknowledged | keyof typeof refused | 'other';

/** An answer that the server must send. */
export interface ExpectedAnswer {
  readonly messageName: string;
  readonly kind: RequestKind;
  /** What is answered, in words: `RequestRegisterClient (reference id 1)`. */
  readonly request: string;
  /** The reference id of the request. Undefined when the answer may carry any: an invalid frame has no reference id. */
  readonly referenceId: number | null | undefined;
}

/** A difference, before it is attached to an arrow or a step. */
export interface ServerFinding<Code extends string = string> {
  readonly code: Code;
  readonly sentence: string;
}

export type AnswerFinding = ServerFinding<
  'wrong-message' | 'wrong-reference-id' | 'incomplete-error'
>;

/**
 * Compares a message of the server with the expected answer.
 * @returns null for the expected answer, `unsolicited` for a message that answers no request.
 */
export function compareAnswer(
  message: WireMessage,
  expected: ExpectedAnswer,
): AnswerFinding | 'unsolicited' | null {
  const { messageName, request, referenceId } = expected;
  const isOwn = referenceId !== undefined && referenceIdOf(message) === referenceId;
  if (message.messageName !== messageName) {
    if (!isAnswerName(message.messageName) && !isOwn) return 'unsolicited';
    return { code: 'wrong-message', sentence: wrongAnswer(message, expected) };
  }
  if (referenceId !== undefined && !isOwn) {
    const carries = message.referenceId === undefined ? 'none' : abridged(message.referenceId);
    const sentence = `${messageName} carries the wrong reference id: ${carries}; it answers ${request}.`;
    return { code: 'wrong-reference-id', sentence };
  }
  if (messageName === 'EventError' && !isCompleteError(message)) {
    const sentence = 'EventError lacks its error code (a whole number) or its description (text).';
    return { code: 'incomplete-error', sentence };
  }
  return null;
}

function wrongAnswer(message: WireMessage, { messageName, kind, request }: ExpectedAnswer): string {
  const name = message.messageName;
  if (name === 'EventAck' && messageName === 'EventError')
    return `The server acknowledged ${acknowledged[kind as keyof typeof acknowledged] ?? request}.`;
  if (name === 'EventError' && messageName === 'EventAck' && kind in refused)
    return `The server refused ${refused[kind as keyof typeof refused]}${errorOf(message)}.`;
  return `The server answered ${request} with ${nameOf(message)}, not with ${messageName}.`;
}

/** A message in words, with the reference id that identifies it. */
export function describeMessage(message: WireMessage): string {
  return `${nameOf(message)} (reference id ${referenceIdOf(message) ?? 'none'})`;
}

export function unanswered(request: string, waited: number): ServerFinding<'silent'> {
  return {
    code: 'silent',
    sentence: `The server did not answer ${request} within ${ms(waited)}.`,
  };
}

export function answeredTwice(request: string, second: string): ServerFinding<'answered-twice'> {
  const sentence = `The server answered ${request} twice: ${second} came after the answer.`;
  return { code: 'answered-twice', sentence };
}

/** @param when `without a request` for instance. */
export function unsolicitedMessage(
  message: string,
  when: string,
): ServerFinding<'unsolicited-message'> {
  return { code: 'unsolicited-message', sentence: `The server sent ${message} ${when}.` };
}

/** When a message came that answers no request, in words. @param hasSent whether the client had sent anything. */
export function unsolicitedWhen(message: WireMessage | null, hasSent: boolean): string {
  if (!hasSent) return 'before the client sent a message';
  return message && isAnswerName(message.messageName) && hasReferenceId(message)
    ? `in answer to request ${abridged(message.referenceId)}, which was not sent`
    : 'without a request';
}

/** Whether a message has a reference id, valid or not. */
export function hasReferenceId({ referenceId }: WireMessage): boolean {
  return referenceId !== undefined && referenceId !== null;
}

export function invalidFrame(
  sender: 'client' | 'server',
  detail = 'unknown',
): ServerFinding<'invalid-frame'> {
  return { code: 'invalid-frame', sentence: `The ${sender} sent an invalid frame: ${detail}.` };
}

/** @param lapse milliseconds. @param after the event from which they count. */
export function disconnectedInstead(
  lapse: number,
  after: string,
  expected: string,
): ServerFinding<'disconnected-early'> {
  const sentence = `The server disconnected ${ms(lapse)} after ${after} instead of sending ${expected}.`;
  return { code: 'disconnected-early', sentence };
}

export function notDisconnected(lapse: number, after: string): ServerFinding<'never-disconnected'> {
  const sentence = `The server had not disconnected ${ms(lapse)} after ${after}.`;
  return { code: 'never-disconnected', sentence };
}

/**
 * A disconnect at the wrong time.
 * @param lapse milliseconds since the start of the deadline. @param known the timeout that is known, in words.
 */
export function disconnectedAt(
  lapse: number,
  isLate: boolean,
  after: string,
  known: string,
): ServerFinding<'timeout-too-short' | 'timeout-too-long'> {
  const sentence = `The server disconnected ${ms(lapse)} after ${after}; ${known}.`;
  return { code: isLate ? 'timeout-too-long' : 'timeout-too-short', sentence };
}
