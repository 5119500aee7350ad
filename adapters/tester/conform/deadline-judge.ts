/** Compares when a server disconnects with the deadlines of the case. All times are milliseconds since the connect. */
import {
  inMilliseconds as ms,
  type ObservedArrow,
} from '../../../machines/registration/figures/observed.js';
import {
  disconnectedAt,
  notDisconnected,
} from '../../../machines/registration/figures/server-findings.js';
import { deadlineEdge } from './documented-edges.js';
import type { CaseDifference } from './result.js';
import { type PlayedStep, stepDifference } from './step-difference.js';

export interface DeadlineContext {
  /** Every step so far; the last one is in progress. */
  readonly played: readonly PlayedStep[];
  /** When the server sent EventError to a client that is not registered. */
  readonly firstErrorAt: number | null;
  readonly lastErrorAt: number | null;
  /** The deadlines of the server; null for an unknown one. */
  readonly registrationTimeout: number | null;
  readonly rejectionTimeout: number | null;
  readonly margin: number;
}

const acknowledged = 'validating:EventAck';

export class DeadlineJudge {
  readonly #context: DeadlineContext;

  constructor(context: DeadlineContext) {
    this.#context = context;
  }

  /** A disconnect that the case does not expect. @param from the configuration of the client. */
  disconnected(played: PlayedStep, from: string, seen: ObservedArrow): CaseDifference {
    const { registrationTimeout, rejectionTimeout } = this.#context;
    const edges = deadlineEdge(from);
    if (edges.length === 0) return this.#notLeftOpen(played, seen);
    const { isRejection, since, after } = this.#startOf(from);
    const timeout = isRejection ? rejectionTimeout : registrationTimeout;
    const isLate = timeout !== null && seen.at - since > timeout;
    const restarted = isLate && isRejection ? this.#restarted(played, seen) : null;
    if (restarted) return restarted;
    const known =
      timeout === null
        ? 'it did not disconnect when its timeout was measured'
        : `its ${isRejection ? 'rejection' : 'registration'} timeout is ${ms(timeout)}`;
    const isOther = isRejection && this.#isAt(seen, 0, registrationTimeout);
    const why = isOther ? ', and the registration deadline still ran' : '';
    const finding = disconnectedAt(seen.at - since, isLate, after, `${known}${why}`);
    const expected = timeout === null ? 'an open connection' : `a disconnect after ${ms(timeout)}`;
    return stepDifference(played, finding, { expected, seen, edges, from });
  }

  neverDisconnected(played: PlayedStep, from: string, elapsed: number): CaseDifference {
    const { since, after } = this.#startOf(from);
    const edges = deadlineEdge(from);
    const finding = notDisconnected(elapsed - since, after);
    return stepDifference(played, finding, { expected: 'a disconnect', edges });
  }

  /** When the deadline of a configuration started. */
  #startOf(from: string) {
    const isRejection = from.endsWith('/rejection');
    const since = isRejection ? (this.#context.firstErrorAt ?? 0) : 0;
    return { isRejection, since, after: isRejection ? 'the first EventError' : 'the connect' };
  }

  /** The connection of a registered client ended. */
  #notLeftOpen(played: PlayedStep, seen: ObservedArrow): CaseDifference {
    const { registrationTimeout, rejectionTimeout, firstErrorAt, played: all } = this.#context;
    const deadline = this.#isAt(seen, 0, registrationTimeout)
      ? 'registration'
      : firstErrorAt !== null && this.#isAt(seen, firstErrorAt, rejectionTimeout)
        ? 'rejection'
        : null;
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

  #restarted(played: PlayedStep, seen: ObservedArrow): CaseDifference | null {
    const { firstErrorAt, lastErrorAt, registrationTimeout, rejectionTimeout } = this.#context;
    if (firstErrorAt === null || lastErrorAt === null || rejectionTimeout === null) return null;
    if (lastErrorAt - firstErrorAt < this.#context.margin) return null;
    if (!this.#isAt(seen, lastErrorAt, rejectionTimeout)) return null;
    // Either deadline may have ended the connection: the nearer one counts.
    const off = Math.abs(seen.at - lastErrorAt - rejectionTimeout);
    if (registrationTimeout !== null && Math.abs(seen.at - registrationTimeout) < off) return null;
    const sentence = `The server disconnected ${ms(seen.at - firstErrorAt)} after the first EventError and ${ms(seen.at - lastErrorAt)} after the last: each EventError restarts its rejection deadline of ${ms(rejectionTimeout)}.`;
    const expected = `a disconnect ${ms(rejectionTimeout)} after the first EventError`;
    // When the deadline starts, and that it does not restart, is this project's own choice: no edge and no figure has it.
    const finding = { code: 'deadline-restarted', sentence } as const;
    return stepDifference(played, finding, { expected, seen, edges: [] });
  }

  #isAt({ at }: ObservedArrow, since: number, timeout: number | null): boolean {
    return timeout !== null && Math.abs(at - since - timeout) <= this.#context.margin;
  }
}
