/** One connection of a client, judged by what was seen on it and by nothing else. */
import {
  describeMessage,
  describeObserved,
  invalidFrame,
  isAnswerName,
  inMilliseconds as ms,
  nameOf,
  type ObservedArrow,
  parseRegisterClient,
  referenceIdOf,
  toleranceOf,
  type WireMessage,
} from '../../../machines/index.js';
import type { RequirementId } from './requirements.js';

/** Something that a client did and that does not hold with a requirement. */
export interface Violation {
  readonly requirement: RequirementId;
  /** The diagnosis: one sentence for people, not escaped. */
  readonly sentence: string;
  /** Milliseconds since the connect. */
  readonly at: number;
  /** The arrow that shows it: its index in what was seen. */
  readonly index: number;
}

export interface Judgement {
  /** What was put to the test, whether it held or not. */
  readonly tested: ReadonlySet<RequirementId>;
  /** The first of each requirement, in the order in which they were seen. */
  readonly violations: readonly Violation[];
}

/** Milliseconds, as the options have them. */
export interface JudgedBy {
  readonly registrationTimeout: number;
  readonly settle: number;
  readonly pause: number;
  readonly replyTimeout: number | undefined;
}

/** What may be on its way when the server speaks: who leaves so soon after EventAck, and had waited, may have been giving up. */
const onItsWay = 100;

/** Judges a connection by all that was seen on it, in order. */
export function judge(seen: readonly ObservedArrow[], times: JudgedBy): Judgement {
  const judging = new Judging(times);
  for (const [index, arrow] of seen.entries()) judging.see(arrow, index);
  return judging;
}

class Judging implements Judgement {
  readonly tested = new Set<RequirementId>();
  readonly violations: Violation[] = [];
  readonly #times: JudgedBy;
  /** Ids of whatever the client has said. */
  readonly #ids = new Set<number | null>();
  /** The request that waits for its answer: when it was said, and its ids where it was said again. */
  #open: { readonly ids: Set<number | null>; readonly at: number } | null = null;
  #isAsked = false;
  #registeredAt: number | null = null;
  /** How long it waited for its EventAck. */
  #waited = 0;
  /** What the server has said that decides nothing of this client, the last of each kind. */
  #foreign: ObservedArrow | null = null;
  #garbage: ObservedArrow | null = null;
  #refusal: ObservedArrow | null = null;
  /** What the server said last. */
  #lastSaid: ObservedArrow | null = null;
  #isOver = false;
  #index = 0;

  constructor(times: JudgedBy) {
    this.#times = times;
  }

  see(arrow: ObservedArrow, index: number): void {
    if (this.#isOver) return;
    this.#index = index;
    const { kind, from, message } = arrow;
    const isClient = from === 'Client';
    if (kind === 'disconnect') this.#ended(arrow, isClient);
    else if (kind === 'fault') this.#faulted(arrow, isClient);
    else if (!message) return;
    else if (!isClient) this.#serverSaid(arrow, message);
    else {
      this.tested.add('frames-are-messages').add('registers-first');
      if (message.messageName === 'RequestRegisterClient') this.#asked(arrow, message);
      else this.#said(arrow);
      this.#ids.add(referenceIdOf(message));
    }
  }

  #asked(arrow: ObservedArrow, message: WireMessage): void {
    this.tested.add('registers-in-time').add('request-is-valid');
    const parsed = parseRegisterClient(message);
    if (!parsed.ok)
      this.#violated(
        'request-is-valid',
        arrow,
        `RequestRegisterClient is not valid: ${parsed.problem}.`,
      );
    if (this.#registeredAt !== null) {
      this.#violated(
        'registers-once',
        arrow,
        `The client registered again ${ms(arrow.at - this.#registeredAt)} after EventAck.`,
      );
      return;
    }
    if (this.#open) this.#askedAgain(arrow, this.#open);
    else this.tested.add('asks-once').add('silent-until-answered');
    this.#isAsked = true;
    const id = referenceIdOf(message);
    this.#open = { ids: (this.#open?.ids ?? new Set()).add(id), at: arrow.at };
    // By chance the id that was to be nobody's.
    if (referenceIdOf(this.#foreign?.message ?? undefined) === id) this.#foreign = null;
  }

  #askedAgain(arrow: ObservedArrow, open: { readonly at: number }): void {
    if (this.#foreign && this.#foreign.at >= open.at) {
      const sentence = `The client registered again ${this.#after(arrow, this.#foreign)}; its first request was still pending.`;
      this.#violated('foreign-answer', arrow, sentence);
    } else {
      const sentence = `The client registered again ${ms(arrow.at - open.at)} after its first request, which was still pending.`;
      this.#violated('asks-once', arrow, sentence);
    }
  }

  /** Anything but RequestRegisterClient. */
  #said(arrow: ObservedArrow): void {
    if (this.#registeredAt !== null) return;
    const said = `The client sent ${nameOf(arrow.message as WireMessage)}`;
    if (this.#garbage) {
      const sentence = `${said} ${this.#after(arrow, this.#garbage)}; it was not registered.`;
      this.#violated('garbage-registers-nobody', arrow, sentence);
    } else if (this.#foreign) {
      const sentence = `${said} ${this.#after(arrow, this.#foreign)}; no EventAck had answered its request.`;
      this.#violated('foreign-answer', arrow, sentence);
    } else if (!this.#isAsked) {
      this.#violated('registers-first', arrow, `${said} before RequestRegisterClient.`);
    } else if (this.#open) {
      const since = this.#lastSaid
        ? this.#after(arrow, this.#lastSaid)
        : `${ms(arrow.at - this.#open.at)} after RequestRegisterClient`;
      const sentence = `${said} ${since}, before the answer.`;
      this.#violated('silent-until-answered', arrow, sentence);
    } else if (this.#refusal) {
      const sentence = `${said} ${this.#after(arrow, this.#refusal)}; it was refused.`;
      this.#violated('refused-is-not-registered', arrow, sentence);
    }
  }

  #serverSaid(arrow: ObservedArrow, message: WireMessage): void {
    this.#lastSaid = arrow;
    const { messageName } = message;
    if (!isAnswerName(messageName)) return;
    const id = referenceIdOf(message);
    if (!this.#ids.has(id)) {
      this.#foreign = arrow;
      this.tested.add('foreign-answer');
      return;
    }
    if (this.#registeredAt !== null) return;
    const answersRequest = this.#open?.ids.has(id) === true;
    if (messageName === 'EventAck' && answersRequest) {
      this.#registeredAt = arrow.at;
      this.#waited = arrow.at - (this.#open?.at ?? 0);
      this.tested.add('registers-once');
    } else if (messageName === 'EventError') {
      this.#refusal = arrow;
      this.tested.add('refused-is-not-registered');
    }
    if (answersRequest) this.#open = null;
  }

  #faulted(arrow: ObservedArrow, isClient: boolean): void {
    if (!isClient) {
      this.#garbage = arrow;
      this.#lastSaid = arrow;
      this.tested.add('garbage-registers-nobody');
      return;
    }
    // Whatever follows it was not read.
    this.#isOver = true;
    const { sentence } = invalidFrame('client', arrow.detail);
    this.#violated('frames-are-messages', arrow, sentence);
  }

  #ended(arrow: ObservedArrow, isClient: boolean): void {
    this.#isOver = true;
    const { at } = arrow;
    const { registrationTimeout, settle, pause } = this.#times;
    if (!this.#isAsked) {
      const late = at >= registrationTimeout - 1;
      if (isClient ? this.#lastSaid : !late) return;
      const sentence = isClient
        ? `The client left after ${ms(at)} without having asked to register.`
        : `The client had not asked to register ${ms(at)} after it connected.`;
      this.#violated('registers-in-time', arrow, sentence);
    } else if (this.#registeredAt !== null) {
      const stayed = at - this.#registeredAt;
      if (this.#waited >= pause && stayed < onItsWay) return;
      if (isClient && stayed < settle - 1)
        this.#violated(
          'stays-registered',
          arrow,
          `The client left ${ms(stayed)} after EventAck; it was to stay for ${ms(settle)} at least.`,
        );
      else if (stayed >= settle - 1) this.tested.add('stays-registered');
    } else if (this.#open && !this.#lastSaid) this.#gaveUp(arrow, at - this.#open.at, isClient);
  }

  /** The connection has ended while the client waited for an answer and the server had said nothing. */
  #gaveUp(arrow: ObservedArrow, waited: number, isClient: boolean): void {
    const { replyTimeout } = this.#times;
    if (replyTimeout === undefined) return;
    const isLate = waited > replyTimeout + toleranceOf(replyTimeout);
    if (isClient || isLate) this.tested.add('gives-up-in-time');
    if (!isLate) return;
    const what = isClient ? `left after ${ms(waited)}` : `was still there after ${ms(waited)}`;
    const sentence = `The client ${what} without an answer; its reply timeout is ${ms(replyTimeout)}.`;
    this.#violated('gives-up-in-time', arrow, sentence);
  }

  #after(arrow: ObservedArrow, before: ObservedArrow): string {
    const { message } = before;
    const since = `${ms(arrow.at - before.at)} after`;
    if (!message) return `${since} ${describeObserved(before)}`;
    const whose = before === this.#foreign ? 'an unrelated ' : '';
    return `${since} ${whose}${describeMessage(message)}`;
  }

  #violated(requirement: RequirementId, { at }: ObservedArrow, sentence: string): void {
    this.tested.add(requirement);
    if (this.violations.some((known) => known.requirement === requirement)) return;
    this.violations.push({ requirement, sentence, at, index: this.#index });
  }
}
