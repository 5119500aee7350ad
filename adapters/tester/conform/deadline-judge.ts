/** Compares when a server disconnects with the deadlines of the case. All times are milliseconds since the connect. */
import {
  inMilliseconds as ms,
  type ObservedArrow,
} from '../../../machines/registration/figures/observed.js';
import {
  disconnectedAt,
  notDisconnected,
} from '../../../machines/registration/figures/server-findings.js';
import {
  type Deadline,
  deadlineOfTimer,
  deadlineUnder,
  type ErrorMoments,
  type ServerTimeouts,
  type TimerPolicy,
} from '../../../machines/registration/sut/timer-policy.js';
import { deadlineEdge } from './documented-edges.js';
import type { CaseDifference } from './result.js';
import { type PlayedStep, stepDifference } from './step-difference.js';

export interface DeadlineContext {
  /** Every step so far; the last one is in progress. */
  readonly played: readonly PlayedStep[];
  readonly errors: ErrorMoments;
  readonly timeouts: ServerTimeouts;
  readonly timerPolicy: TimerPolicy;
  readonly margin: number;
}

const acknowledged = 'validating:EventAck';

const starts = {
  connect: 'the connect',
  'first-error': 'the first EventError',
  'last-error': 'the last EventError',
} as const satisfies Record<Deadline['start'], string>;

export class DeadlineJudge {
  readonly #context: DeadlineContext;

  constructor(context: DeadlineContext) {
    this.#context = context;
  }

  /** A disconnect that the case does not expect. @param from the configuration of the client. */
  disconnected(played: PlayedStep, from: string, seen: ObservedArrow): CaseDifference {
    const deadline = this.#deadlineIn(from);
    if (!deadline) return this.#notLeftOpen(played, seen);
    const { timer, since, length, at } = deadline;
    const isLate = at !== null && seen.at > at;
    const restarted = isLate && timer === 'rejection' ? this.#restarted(played, seen) : null;
    if (restarted) return restarted;
    const known =
      length === null
        ? 'it did not disconnect when its timeout was measured'
        : `its ${timer} timeout is ${ms(length)}`;
    const finding = disconnectedAt(
      seen.at - since,
      isLate,
      starts[deadline.start],
      `${known}${this.#otherClock(deadline, seen)}`,
    );
    const expected = length === null ? 'an open connection' : `a disconnect after ${ms(length)}`;
    return stepDifference(played, finding, { expected, seen, edges: deadlineEdge(from), from });
  }

  neverDisconnected(played: PlayedStep, from: string, elapsed: number): CaseDifference {
    const { since = 0, start = 'connect' } = this.#deadlineIn(from) ?? {};
    const finding = notDisconnected(elapsed - since, starts[start]);
    const edges = deadlineEdge(from);
    return stepDifference(played, finding, { expected: 'a disconnect', edges });
  }

  #deadlineIn(configuration: string): Deadline | null {
    const { timerPolicy, errors, timeouts } = this.#context;
    return deadlineUnder(timerPolicy, configuration, errors, timeouts);
  }

  /** The deadline of a timer by the policy of the server. */
  #deadlineOf(timer: Deadline['timer'], laterErrors = this.#context.timerPolicy.laterErrors) {
    const { timerPolicy, errors, timeouts } = this.#context;
    return deadlineOfTimer(timer, { ...timerPolicy, laterErrors }, errors, timeouts);
  }

  /** Names the clock that explains a disconnect at the wrong time; empty when none does. */
  #otherClock({ timer, start }: Deadline, seen: ObservedArrow): string {
    if (timer === 'rejection' && this.#isAt(seen, this.#deadlineOf('registration')))
      return ', and the registration deadline still ran';
    if (start === 'last-error' && this.#isAt(seen, this.#deadlineOf('rejection', 'keeps')))
      return ', and the deadline of the first EventError still ran';
    return '';
  }

  /** The connection of a registered client ended. */
  #notLeftOpen(played: PlayedStep, seen: ObservedArrow): CaseDifference {
    const { played: all } = this.#context;
    const deadline = (['registration', 'rejection'] as const).find((timer) =>
      this.#isAt(seen, this.#deadlineOf(timer)),
    );
    const last = all.filter(({ sent }) => sent !== null).at(-1) ?? played;
    const why = deadline ? `: its ${deadline} deadline still ran` : '';
    const sentence = `The server disconnected a registered client ${ms(seen.at - last.at)} after ${last.sent ?? 'the connect'}${why}.`;
    const granted = all.find(({ step }) => step.edges.includes(acknowledged));
    // The figure ends with EventAck for a client that has just connected; it shows no disconnect.
    const messages = all.filter(({ referenceId }) => referenceId !== null);
    const isFigure = messages.length === 1 && granted?.step.from === 'awaiting/registration';
    const from = isFigure ? 'awaiting/registration' : 'registered';
    const finding = { code: 'not-left-open', sentence } as const;
    const expected = 'an open connection';
    return stepDifference(played, finding, { expected, seen, edges: [acknowledged], from });
  }

  /** A later EventError has restarted the deadline of a server that keeps it. */
  #restarted(played: PlayedStep, seen: ObservedArrow): CaseDifference | null {
    const { errors, timeouts, timerPolicy, margin } = this.#context;
    const { firstErrorAt, lastErrorAt } = errors;
    const { registrationTimeout, rejectionTimeout } = timeouts;
    if (timerPolicy.laterErrors === 'restarts') return null;
    if (firstErrorAt === null || lastErrorAt === null || rejectionTimeout === null) return null;
    if (lastErrorAt - firstErrorAt < margin) return null;
    const restarted = this.#deadlineOf('rejection', 'restarts');
    if (!this.#isAt(seen, restarted)) return null;
    // Either deadline may have ended the connection: the nearer one counts.
    const off = Math.abs(seen.at - (restarted.at ?? 0));
    if (registrationTimeout !== null && Math.abs(seen.at - registrationTimeout) < off) return null;
    const sentence = `The server disconnected ${ms(seen.at - firstErrorAt)} after the first EventError and ${ms(seen.at - lastErrorAt)} after the last: each EventError restarts its rejection deadline of ${ms(rejectionTimeout)}.`;
    const expected = `a disconnect ${ms(rejectionTimeout)} after the first EventError`;
    // When the deadline starts, and that it does not restart, is this project's own choice: no edge and no figure has it.
    const finding = { code: 'deadline-restarted', sentence } as const;
    return stepDifference(played, finding, { expected, seen, edges: [] });
  }

  #isAt(seen: ObservedArrow, { at }: Deadline): boolean {
    return at !== null && Math.abs(seen.at - at) <= this.#context.margin;
  }
}
