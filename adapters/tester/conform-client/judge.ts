/** Judges one connection of a client by the observed arrows alone. */
import { isAnswerName } from '../../../machines/registration/chart/message-events.js';
import {
  parseRegisterClient,
  referenceIdOf,
  type WireMessage,
} from '../../../machines/registration/chart/messages.js';
import {
  describeObserved,
  inMilliseconds as ms,
  nameOf,
  type ObservedArrow,
} from '../../../machines/registration/figures/observed.js';
import { toleranceOf } from '../../../machines/registration/figures/play-live.js';
import {
  describeMessage,
  invalidFrame,
} from '../../../machines/registration/figures/server-findings.js';
import type { RequirementId } from './requirements.js';

/** A client violates a requirement. */
export interface Violation {
  readonly requirement: RequirementId;
  /** The diagnosis in one sentence, not escaped. */
  readonly sentence: string;
  /** Milliseconds since the connect. */
  readonly at: number;
  /** Index of the arrow that shows it. */
  readonly index: number;
}

export interface Judgement {
  /** The requirements that the connection tested, passed or failed. */
  readonly tested: ReadonlySet<RequirementId>;
  /** The first violation of each requirement, in order. */
  readonly violations: readonly Violation[];
}

/** Milliseconds, from the options. */
export interface JudgeTimes {
  readonly registrationTimeout: number;
  readonly settle: number;
  readonly pause: number;
  readonly replyTimeout: number | undefined;
}

/** Milliseconds. A client that had waited and disconnects this soon after EventAck may have given up before EventAck arrived. */
const inTransit = 100;

/** Judges a connection by all its observed arrows, in order. */
export function judge(seen: readonly ObservedArrow[], times: JudgeTimes): Judgement {
  const judging = new ConnectionJudge(times);
  for (const [index, arrow] of seen.entries()) judging.see(arrow, index);
  return judging;
}

class ConnectionJudge implements Judgement {
  readonly tested = new Set<RequirementId>();
  readonly violations: Violation[] = [];
  readonly #times: JudgeTimes;
  /** Reference ids of the client's messages. */
  readonly #ids = new Set<number | null>();
  /** The pending request: when it was sent, and the ids of its repetitions. */
  #pending: { readonly ids: Set<number | null>; readonly at: number } | null = null;
  #hasRequested = false;
  #registeredAt: number | null = null;
  /** How long the client waited for EventAck. */
  #waited = 0;
  /** The last messages of the server that do not register this client. */
  #foreign: ObservedArrow | null = null;
  #garbage: ObservedArrow | null = null;
  #refusal: ObservedArrow | null = null;
  /** The last message or frame of the server. */
  #lastFromServer: ObservedArrow | null = null;
  #isOver = false;
  #index = 0;

  constructor(times: JudgeTimes) {
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
    else if (!isClient) this.#serverSent(arrow, message);
    else {
      this.tested.add('frames-are-messages').add('registers-first');
      if (message.messageName === 'RequestRegisterClient') this.#requested(arrow, message);
      else this.#sent(arrow);
      this.#ids.add(referenceIdOf(message));
    }
  }

  #requested(arrow: ObservedArrow, message: WireMessage): void {
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
    if (this.#pending) this.#requestedAgain(arrow, this.#pending);
    else this.tested.add('asks-once').add('silent-until-answered');
    this.#hasRequested = true;
    const id = referenceIdOf(message);
    this.#pending = { ids: (this.#pending?.ids ?? new Set()).add(id), at: arrow.at };
    // The client happens to use the id of the unrelated answer.
    if (referenceIdOf(this.#foreign?.message ?? undefined) === id) this.#foreign = null;
  }

  #requestedAgain(arrow: ObservedArrow, pending: { readonly at: number }): void {
    if (this.#foreign && this.#foreign.at >= pending.at) {
      const sentence = `The client registered again ${this.#after(arrow, this.#foreign)}; its first request was still pending.`;
      this.#violated('foreign-answer', arrow, sentence);
    } else {
      const sentence = `The client registered again ${ms(arrow.at - pending.at)} after its first request, which was still pending.`;
      this.#violated('asks-once', arrow, sentence);
    }
  }

  /** Any message but RequestRegisterClient. */
  #sent(arrow: ObservedArrow): void {
    if (this.#registeredAt !== null) return;
    const sent = `The client sent ${nameOf(arrow.message as WireMessage)}`;
    if (this.#garbage) {
      const sentence = `${sent} ${this.#after(arrow, this.#garbage)}; it was not registered.`;
      this.#violated('garbage-does-not-register', arrow, sentence);
    } else if (this.#foreign) {
      const sentence = `${sent} ${this.#after(arrow, this.#foreign)}; no EventAck had answered its request.`;
      this.#violated('foreign-answer', arrow, sentence);
    } else if (!this.#hasRequested) {
      this.#violated('registers-first', arrow, `${sent} before RequestRegisterClient.`);
    } else if (this.#pending) {
      const since = this.#lastFromServer
        ? this.#after(arrow, this.#lastFromServer)
        : `${ms(arrow.at - this.#pending.at)} after RequestRegisterClient`;
      const sentence = `${sent} ${since}, before the answer.`;
      this.#violated('silent-until-answered', arrow, sentence);
    } else if (this.#refusal) {
      const sentence = `${sent} ${this.#after(arrow, this.#refusal)}; it was refused.`;
      this.#violated('refused-is-not-registered', arrow, sentence);
    }
  }

  #serverSent(arrow: ObservedArrow, message: WireMessage): void {
    this.#lastFromServer = arrow;
    const { messageName } = message;
    if (!isAnswerName(messageName)) return;
    const id = referenceIdOf(message);
    if (!this.#ids.has(id)) {
      this.#foreign = arrow;
      this.tested.add('foreign-answer');
      return;
    }
    if (this.#registeredAt !== null) return;
    const answersRequest = this.#pending?.ids.has(id) === true;
    if (messageName === 'EventAck' && answersRequest) {
      this.#registeredAt = arrow.at;
      this.#waited = arrow.at - (this.#pending?.at ?? 0);
      this.tested.add('registers-once');
    } else if (messageName === 'EventError') {
      this.#refusal = arrow;
      this.tested.add('refused-is-not-registered');
    }
    if (answersRequest) this.#pending = null;
  }

  #faulted(arrow: ObservedArrow, isClient: boolean): void {
    if (!isClient) {
      this.#garbage = arrow;
      this.#lastFromServer = arrow;
      this.tested.add('garbage-does-not-register');
      return;
    }
    // The tester does not read the frames after it.
    this.#isOver = true;
    const { sentence } = invalidFrame('client', arrow.detail);
    this.#violated('frames-are-messages', arrow, sentence);
  }

  #ended(arrow: ObservedArrow, isClient: boolean): void {
    this.#isOver = true;
    const { at } = arrow;
    const { registrationTimeout, settle, pause } = this.#times;
    if (!this.#hasRequested) {
      const late = at >= registrationTimeout - 1;
      if (isClient ? this.#lastFromServer : !late) return;
      const sentence = isClient
        ? `The client disconnected after ${ms(at)} without a RequestRegisterClient.`
        : `The client had not sent RequestRegisterClient ${ms(at)} after it connected.`;
      this.#violated('registers-in-time', arrow, sentence);
    } else if (this.#registeredAt !== null) {
      const stayed = at - this.#registeredAt;
      if (this.#waited >= pause && stayed < inTransit) return;
      if (isClient && stayed < settle - 1)
        this.#violated(
          'stays-registered',
          arrow,
          `The client disconnected ${ms(stayed)} after EventAck; expected at least ${ms(settle)}.`,
        );
      else if (stayed >= settle - 1) this.tested.add('stays-registered');
    } else if (this.#pending && !this.#lastFromServer)
      this.#gaveUp(arrow, at - this.#pending.at, isClient);
  }

  /** The connection ended while the client waited for an answer and the server had sent nothing. */
  #gaveUp(arrow: ObservedArrow, waited: number, isClient: boolean): void {
    const { replyTimeout } = this.#times;
    if (replyTimeout === undefined) return;
    const isLate = waited > replyTimeout + toleranceOf(replyTimeout);
    if (isClient || isLate) this.tested.add('gives-up-in-time');
    if (!isLate) return;
    const what = isClient
      ? `disconnected after ${ms(waited)}`
      : `was still connected after ${ms(waited)}`;
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
