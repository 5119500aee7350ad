/** Differences between what a case expects and what came, each with its code and its diagnosis. */
import {
  abridged,
  type Configuration,
  describeObserved,
  type ExpectedStep,
  errorOf,
  eventOf,
  eventSaid,
  isAnswerName,
  isCompleteError,
  inMilliseconds as ms,
  nameOf,
  type ObservedArrow,
  referenceIdOf,
  type ServerInput,
  transitionsTaken,
  type WireMessage,
} from '../../../machines/index.js';
import { answersOf, deadlineEdge, figuresOf } from './documented.js';
import type { CaseDifference, CaseDifferenceCode } from './result.js';

/** A step of a case as it is played. */
export interface PlayedStep {
  readonly index: number;
  readonly step: ExpectedStep;
  /** What was said in it, in words; null where nothing was. */
  readonly said: string | null;
  /** The reference id of a message that was said. */
  readonly referenceId: number | null;
  /** When it was said, milliseconds since the connect. */
  readonly at: number;
}

/** What the judge is told of the session so far. All times are milliseconds since the connect. */
export interface SessionSoFar {
  /** Every step so far; the last is the one under way. */
  readonly played: readonly PlayedStep[];
  readonly firstErrorAt: number | null;
  readonly lastErrorAt: number | null;
  /** The deadlines; null for one that is not known. */
  readonly registrationTimeout: number | null;
  readonly rejectionTimeout: number | null;
  readonly margin: number;
  /** How many messages the client has said. */
  readonly messages: number;
}

const acknowledged = 'validating:EventAck';

interface Finding {
  readonly code: CaseDifferenceCode;
  readonly sentence: string;
  readonly edges: readonly string[];
  readonly expected?: string;
  readonly seen?: ObservedArrow | null;
  /** Where the client was, if it is not where the step began. */
  readonly from?: string;
}

/** A verdict is what answers a request; everything else is said by the service, or unasked. */
function isVerdict({ messageName }: WireMessage): boolean {
  return isAnswerName(messageName);
}

export class Judge {
  readonly #so: SessionSoFar;

  constructor(so: SessionSoFar) {
    this.#so = so;
  }

  /** No answer came. */
  silent(played: PlayedStep, expected: string, watched: number): CaseDifference {
    const sentence = `The server did not answer ${played.said} within ${ms(watched)}.`;
    return this.#found(played, {
      code: 'silent',
      sentence,
      expected,
      edges: answersOf(played.step),
    });
  }

  /** The connection ended where an answer was due. */
  disconnectedEarly(played: PlayedStep, expected: string, seen: ObservedArrow): CaseDifference {
    const sentence = `The server disconnected ${ms(seen.at - played.at)} after ${played.said} instead of sending ${expected}.`;
    const edges = answersOf(played.step);
    return this.#found(played, { code: 'disconnected-early', sentence, expected, seen, edges });
  }

  /** What came where EventAck or EventError is due; null when it is that. */
  answer(played: PlayedStep, expected: string, seen: ObservedArrow): CaseDifference | null {
    const { message } = seen;
    if (!message) return this.noMessage(played, seen, expected, answersOf(played.step));
    const id = referenceIdOf(message);
    const isOwn = played.referenceId !== null && id === played.referenceId;
    const found = (code: CaseDifferenceCode, sentence: string) =>
      this.#found(played, { code, sentence, expected, seen, edges: answersOf(played.step) });
    if (!isOwn && id !== null && this.#askedWith(id)) return this.unasked(played, seen);
    if (message.messageName !== expected) {
      if (!isVerdict(message) && !isOwn) return this.unasked(played, seen);
      return found('wrong-message', this.#wrongAnswer(played, expected, message));
    }
    if (played.referenceId !== null && !isOwn) {
      const carries = message.referenceId === undefined ? 'none' : abridged(message.referenceId);
      const sentence = `${expected} carries the wrong reference id: ${carries}, where ${played.said} was asked.`;
      return found('wrong-reference-id', sentence);
    }
    if (expected === 'EventError' && !isCompleteError(message)) {
      const sentence =
        'EventError lacks its error code (a whole number) or its description (text).';
      return found('incomplete-error', sentence);
    }
    return null;
  }

  /** A message that answers nothing which is still open. */
  unasked(played: PlayedStep, seen: ObservedArrow): CaseDifference {
    if (seen.kind === 'fault') return this.noMessage(played, seen);
    const message = seen.message ?? { messageName: '' };
    const name = nameOf(message);
    const expected = 'nothing more';
    const before = this.#answeredBy(message, played);
    if (before && before.step.output !== '') {
      const sentence = `The server answered ${before.said} twice: ${name} came after the answer.`;
      const edges = answersOf(before.step);
      return this.#found(before, { code: 'answered-twice', sentence, expected, seen, edges });
    }
    const edges = this.#edgesOfMessage(played, message);
    const when = before
      ? `in answer to ${before.said}, where nothing was to come`
      : this.#so.played.some(({ said }) => said !== null)
        ? 'unasked'
        : 'before the client had said anything';
    const sentence = `The server sent ${name} ${when}${errorOf(message)}.`;
    return this.#found(played, { code: 'unasked-message', sentence, expected, seen, edges });
  }

  noMessage(
    played: PlayedStep,
    seen: ObservedArrow,
    expected = 'nothing more',
    edges: readonly string[] = [],
  ): CaseDifference {
    const sentence = `The server sent a frame that is no message: ${seen.detail ?? 'unknown'}.`;
    return this.#found(played, { code: 'no-message', sentence, expected, seen, edges });
  }

  tooMany(played: PlayedStep, seen: ObservedArrow, count: number): CaseDifference {
    const sentence = `The server sent more than ${count} messages in answer to ${played.said ?? 'nothing'}.`;
    const expected = 'an answer of the service';
    return this.#found(played, { code: 'too-many-messages', sentence, expected, seen, edges: [] });
  }

  /** The end of a connection that came while nothing was to come. @param from where the client was. */
  disconnected(played: PlayedStep, from: string, seen: ObservedArrow): CaseDifference {
    const { registrationTimeout, rejectionTimeout, firstErrorAt } = this.#so;
    if (!deadlineEdge(from).length) return this.#notLeftOpen(played, seen);
    const isRejection = from.endsWith('/rejection');
    const timeout = isRejection ? rejectionTimeout : registrationTimeout;
    const since = isRejection ? (firstErrorAt ?? 0) : 0;
    const isLong = timeout !== null && seen.at - since > timeout;
    const restarted = isLong && isRejection ? this.#restarted(played, seen) : null;
    if (restarted) return restarted;
    const after = isRejection ? 'the first EventError' : 'the connect';
    const known =
      timeout === null
        ? 'it did not disconnect when its timeout was measured'
        : `its ${isRejection ? 'rejection' : 'registration'} timeout is ${ms(timeout)}`;
    const isOther = isRejection && this.#isAt(seen, 0, registrationTimeout);
    const why = isOther ? ', and the registration deadline still ran' : '';
    const sentence = `The server disconnected ${ms(seen.at - since)} after ${after}; ${known}${why}.`;
    return this.#found(played, {
      code: isLong ? 'timeout-too-long' : 'timeout-too-short',
      sentence,
      expected: timeout === null ? 'an open connection' : `a disconnect after ${ms(timeout)}`,
      seen,
      edges: deadlineEdge(from),
      from,
    });
  }

  neverDisconnected(played: PlayedStep, from: string, elapsed: number): CaseDifference {
    const isRejection = from.endsWith('/rejection');
    const since = elapsed - (isRejection ? (this.#so.firstErrorAt ?? 0) : 0);
    const after = isRejection ? 'the first EventError' : 'the connect';
    const sentence = `The server had not disconnected ${ms(since)} after ${after}.`;
    const expected = 'a disconnect';
    const edges = deadlineEdge(from);
    return this.#found(played, { code: 'never-disconnected', sentence, expected, edges });
  }

  notClosed(played: PlayedStep, watched: number): CaseDifference {
    const sentence = `The server had not disconnected ${ms(watched)} after ${played.said}.`;
    const expected = 'a disconnect';
    const edges = ['connected:Disconnected'];
    return this.#found(played, { code: 'not-closed', sentence, expected, edges });
  }

  /** A registered client's connection ended. */
  #notLeftOpen(played: PlayedStep, seen: ObservedArrow): CaseDifference {
    const { registrationTimeout, rejectionTimeout, firstErrorAt, messages } = this.#so;
    const deadline = this.#isAt(seen, 0, registrationTimeout)
      ? 'registration'
      : firstErrorAt !== null && this.#isAt(seen, firstErrorAt, rejectionTimeout)
        ? 'rejection'
        : null;
    const last = this.#so.played.filter(({ said }) => said !== null).at(-1) ?? played;
    const why = deadline ? `: its ${deadline} deadline still ran` : '';
    const sentence = `The server disconnected a registered client ${ms(seen.at - last.at)} after ${last.said ?? 'the connect'}${why}.`;
    const granted = this.#so.played.find(({ step }) => step.edges.includes(acknowledged));
    // The figure ends with EventAck, said to a client that had just connected; it shows no disconnect.
    const isFigure = messages === 1 && granted?.step.from === 'awaiting/registration';
    return this.#found(played, {
      code: 'not-left-open',
      sentence,
      expected: 'an open connection',
      seen,
      edges: [acknowledged],
      from: isFigure ? 'awaiting/registration' : 'registered',
    });
  }

  #restarted(played: PlayedStep, seen: ObservedArrow): CaseDifference | null {
    const { firstErrorAt, lastErrorAt, registrationTimeout, rejectionTimeout } = this.#so;
    if (firstErrorAt === null || lastErrorAt === null || rejectionTimeout === null) return null;
    if (lastErrorAt - firstErrorAt < this.#so.margin) return null;
    if (!this.#isAt(seen, lastErrorAt, rejectionTimeout)) return null;
    // Either deadline may have ended it: the nearer one has.
    const off = Math.abs(seen.at - lastErrorAt - rejectionTimeout);
    if (registrationTimeout !== null && Math.abs(seen.at - registrationTimeout) < off) return null;
    const sentence = `The server disconnected ${ms(seen.at - firstErrorAt)} after the first EventError and ${ms(seen.at - lastErrorAt)} after the last: each EventError restarts its rejection deadline of ${ms(rejectionTimeout)}.`;
    const expected = `a disconnect ${ms(rejectionTimeout)} after the first EventError`;
    // When the deadline starts, and that it does not start again, is this project's own choice: no edge has it, and no figure.
    return this.#found(played, { code: 'deadline-restarted', sentence, expected, seen, edges: [] });
  }

  #isAt({ at }: ObservedArrow, since: number, timeout: number | null): boolean {
    return timeout !== null && Math.abs(at - since - timeout) <= this.#so.margin;
  }

  /** What a message would be an answer to, were it not answered. An invalid frame has no reference id. */
  #answeredBy(message: WireMessage, played: PlayedStep): PlayedStep | undefined {
    const id = referenceIdOf(message);
    const isFrame = played.said !== null && played.referenceId === null;
    return isFrame && id === null && isVerdict(message) ? played : this.#askedWith(id);
  }

  /** What was asked with a reference id. */
  #askedWith(id: number | null): PlayedStep | undefined {
    return id === null ? undefined : this.#so.played.find(({ referenceId }) => referenceId === id);
  }

  #edgesOfMessage({ step }: PlayedStep, message: WireMessage): string[] {
    const event = eventSaid('Interaction Server', message).type;
    return transitionsTaken(step.from as Configuration, event).map(({ id }) => id);
  }

  #wrongAnswer({ step, said }: PlayedStep, expected: string, message: WireMessage): string {
    if (message.messageName === 'EventAck' && expected === 'EventError') {
      if (step.input === 'register-invalid')
        return step.from === 'registered'
          ? 'The server acknowledged a client that is registered already.'
          : 'The server acknowledged a client that is not valid.';
      if (step.input === 'register-malformed')
        return 'The server acknowledged a RequestRegisterClient whose attributes are wrong.';
      if (step.input === 'register')
        return 'The server acknowledged a client that is registered already.';
      if (eventOf(step.input) === 'OtherMessage' && step.from !== 'registered' && said !== null)
        return step.edges.includes('awaiting:OtherMessage')
          ? 'The server acknowledged a message of a client that is not registered.'
          : `The server acknowledged ${said}.`;
    }
    if (message.messageName === 'EventError' && expected === 'EventAck') {
      const again = step.from === 'awaiting/rejection' ? ' once it had been refused' : '';
      return step.input === 'register'
        ? `The server refused a client that is valid${again}${errorOf(message)}.`
        : `The server refused a message of a registered client${errorOf(message)}.`;
    }
    return `The server answered ${said} with ${nameOf(message)}, not with ${expected}.`;
  }

  #found({ index, step }: PlayedStep, finding: Finding): CaseDifference {
    const { code, sentence, edges, expected = 'nothing more', seen = null } = finding;
    const { from = step.from } = finding;
    return {
      code,
      index,
      input: step.input,
      from,
      expected,
      came: seen ? describeObserved(seen) : 'nothing',
      sentence: oneLine(sentence),
      edges,
      figures: figuresIn(edges, from, step.input),
    };
  }
}

function figuresIn(edges: readonly string[], from: string, input: ServerInput) {
  return [...new Set(edges.flatMap((edge) => figuresOf(edge, from, input)))];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
