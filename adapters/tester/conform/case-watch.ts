/** Waits for what a case expects of the server, and judges what comes. */
import { referenceIdOf, type WireMessage } from '../../../machines/registration/chart/messages.js';
import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import type {
  Deadline,
  ServerTimeouts,
  TimerPolicy,
} from '../../../machines/registration/sut/timer-policy.js';
import { DeadlineJudge } from './deadline-judge.js';
import { Judge } from './judge.js';
import type { CaseDifference } from './result.js';
import type { PlayedStep } from './step-difference.js';
import type { TestConnection } from './test-connection.js';

/** Number of service messages that are ignored for one input. More is a flood. */
const maxMessages = 10_000;

/** Why an attempt at a case did not pass. */
export type Ending =
  | { readonly kind: 'fail'; readonly difference: CaseDifference }
  /** This process was late and cannot judge what came. Another attempt may succeed. */
  | { readonly kind: 'late'; readonly reason: string }
  | { readonly kind: 'inconclusive'; readonly reason: string; readonly isUnknown: boolean };

/** All durations are in milliseconds. */
export interface WatchSettings {
  readonly timeouts: ServerTimeouts;
  readonly timerPolicy: TimerPolicy;
  readonly margin: number;
  readonly responseTimeout: number;
  /** The messages of the service are unknown: they are ignored, except answers that answer no open request. */
  readonly isServiceUnknown: boolean;
  readonly signal: AbortSignal | undefined;
}

export class CaseWatch {
  readonly #connection: TestConnection;
  readonly #played: readonly PlayedStep[];
  readonly #settings: WatchSettings;
  readonly #judge: Judge;

  /** @param played every step so far; the caller adds to it. */
  constructor(connection: TestConnection, played: readonly PlayedStep[], settings: WatchSettings) {
    this.#connection = connection;
    this.#played = played;
    this.#settings = settings;
    this.#judge = new Judge(played);
  }

  async answer(played: PlayedStep, expected: string): Promise<Ending | null> {
    const { margin, responseTimeout } = this.#settings;
    const { from } = played.step;
    const deadline = this.#deadlineIn(from);
    const end = this.#connection.elapsed + responseTimeout;
    for (let ignored = 0; ; ignored += 1) {
      const seen = await this.#nextBefore(end, played);
      if (!seen) {
        const waited = this.#connection.elapsed - played.at;
        return this.#stalled(played) ?? fail(this.#judge.silent(played, expected, waited));
      }
      if (seen.kind === 'disconnect') {
        const isDue = deadline !== null && seen.at >= deadline - margin;
        if (!isDue) return fail(this.#judge.disconnectedEarly(played, expected, seen));
        if (played.at > deadline - 2 * margin)
          return late('the deadline expired before an answer could come');
        return fail(this.#judge.silent(played, expected, seen.at - played.at));
      }
      if (this.#ignores(seen, from, played)) {
        if (ignored >= maxMessages) return fail(this.#judge.tooMany(played, seen, maxMessages));
        continue;
      }
      const difference = this.#judge.answer(played, expected, seen);
      if (difference) return fail(difference);
      if (expected === 'EventError' && from !== 'registered') this.#connection.recordError(seen.at);
      return null;
    }
  }

  /** The server closes at once after an invalid frame. Messages of a service may still come. */
  async closed(played: PlayedStep): Promise<Ending | null> {
    const end = this.#connection.elapsed + this.#settings.responseTimeout;
    for (let ignored = 0; ignored <= maxMessages; ignored += 1) {
      const seen = await this.#nextBefore(end, played);
      if (!seen) break;
      if (seen.kind === 'disconnect') return null;
      if (!this.#ignores(seen, played.step.from, played))
        return fail(this.#judge.unsolicited(played, seen));
    }
    const waited = this.#connection.elapsed - played.at;
    return this.#stalled(played) ?? fail(this.#judge.notClosed(played, waited));
  }

  /** A step that waits: until shortly before the deadline, or beyond it. */
  async time(played: PlayedStep): Promise<Ending | null> {
    const { margin, timeouts } = this.#settings;
    const { input, from } = played.step;
    const running = this.#connection.deadlineIn(from);
    const deadline = running?.at ?? null;
    if (running !== null && deadline === null) {
      const reason = `the ${running.timer} timeout of the server is unknown`;
      return { kind: 'inconclusive', reason, isUnknown: true };
    }
    if (input === 'wait') {
      const until = (deadline ?? this.#connection.elapsed + 2 * margin) - margin;
      const ending = await this.quiet(until, played, from);
      const overslept = this.#connection.elapsed - until;
      if (ending || deadline === null || overslept <= margin / 2) return ending;
      return late(`the tester finished its wait ${Math.round(overslept)} ms late`);
    }
    if (running !== null && deadline !== null) return this.#disconnect(played, running, deadline);
    const { registrationTimeout, rejectionTimeout } = timeouts;
    const longest = Math.max(registrationTimeout ?? 0, rejectionTimeout ?? 0) || 1_000;
    return this.quiet(this.#connection.elapsed + longest + margin, played, from);
  }

  /** Expects nothing until a moment, in milliseconds since the connect. */
  async quiet(until: number, played: PlayedStep, from: string): Promise<Ending | null> {
    for (let ignored = 0; ; ignored += 1) {
      const seen = await this.#nextBefore(until, played);
      if (!seen) return null;
      if (seen.kind === 'disconnect') return this.#ended(played, from, seen);
      if (!this.#ignores(seen, from, null)) return fail(this.#judge.unsolicited(played, seen));
      if (ignored >= maxMessages) return fail(this.#judge.tooMany(played, seen, maxMessages));
    }
  }

  /** Waits for the disconnect at a deadline, and beyond it until the server clearly does not disconnect. */
  async #disconnect(
    played: PlayedStep,
    { length }: Deadline,
    deadline: number,
  ): Promise<Ending | null> {
    const { margin } = this.#settings;
    const { from } = played.step;
    const seen = await this.#nextBefore(deadline + (length ?? 0) + 2 * margin, played);
    if (!seen)
      return fail(this.#deadlines.neverDisconnected(played, from, this.#connection.elapsed));
    if (seen.kind !== 'disconnect') return fail(this.#judge.unsolicited(played, seen));
    const stall = this.#connection.stallSince(deadline - 2 * margin);
    if (this.#connection.isDoubtful || stall > margin / 2)
      return late(`the tester was stalled for ${Math.round(stall)} ms around the deadline`);
    if (Math.abs(seen.at - deadline) <= margin) return null;
    return fail(this.#deadlines.disconnected(played, from, seen));
  }

  /** The next arrow before a moment, or null. */
  async #nextBefore(end: number, { index }: PlayedStep): Promise<ObservedArrow | null> {
    for (;;) {
      const left = end - this.#connection.elapsed;
      const seen = await this.#connection.next(left, index);
      if (seen || left <= 1 || this.#settings.signal?.aborted) return seen;
    }
  }

  /** A server on this machine was stalled together with this process: its silence proves nothing. */
  #stalled({ at }: PlayedStep): Ending | null {
    const stall = this.#connection.stallSince(at);
    if (stall <= this.#settings.responseTimeout / 4) return null;
    return late(`the tester was stalled for ${Math.round(stall)} ms while it waited for an answer`);
  }

  /** The connection ended while nothing was expected. At the deadline itself this may be early or not. */
  #ended(played: PlayedStep, from: string, seen: ObservedArrow): Ending {
    const deadline = this.#deadlineIn(from);
    const isDue = deadline !== null && Math.abs(seen.at - deadline) <= this.#settings.margin;
    if (isDue) return late('the deadline expired before the tester could send the next input');
    return fail(this.#deadlines.disconnected(played, from, seen));
  }

  /**
   * Ignores a message of a service whose messages are unknown. Its answers are counted: one for each request.
   * @param open the request that waits for an answer; null for none.
   * @returns false when the message is judged.
   */
  #ignores({ kind, message }: ObservedArrow, from: string, open: PlayedStep | null): boolean {
    if (!this.#settings.isServiceUnknown || kind !== 'message' || from !== 'registered')
      return false;
    if (!message || this.#judge.isStray(message)) return false;
    if (open && isAnswerTo(open, message)) return false;
    this.#judge.recordAnswer(message);
    return true;
  }

  /** When the deadline of a configuration expires; null when none runs or the timeout is unknown. */
  #deadlineIn(configuration: string): number | null {
    return this.#connection.deadlineIn(configuration)?.at ?? null;
  }

  get #deadlines(): DeadlineJudge {
    const { timeouts, timerPolicy, margin } = this.#settings;
    const { errors } = this.#connection;
    return new DeadlineJudge({ played: this.#played, errors, timeouts, timerPolicy, margin });
  }
}

/** Whether a message carries the reference id of the request. An invalid frame has none, so its EventError has none. */
function isAnswerTo({ referenceId }: PlayedStep, message: WireMessage): boolean {
  const isOwn = referenceIdOf(message) === referenceId;
  return isOwn && (referenceId !== null || message.messageName === 'EventError');
}

export function late(reason: string): Ending {
  return { kind: 'late', reason };
}

function fail(difference: CaseDifference): Ending {
  return { kind: 'fail', difference };
}
