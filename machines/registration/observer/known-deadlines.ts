import { duration } from '../../text/format.js';
import { never, type SeatDelays } from '../chart/seat.js';

export type DeadlineKind = 'registration' | 'rejection';

/** The known deadlines of a server. */
export class KnownDeadlines {
  /** The delays for the chart: `never` where a deadline is unknown. */
  readonly delays: SeatDelays;
  readonly #known: Readonly<Record<DeadlineKind, number | null>>;
  readonly #tolerance: number;

  /** @param tolerance in milliseconds. */
  constructor(registration: number | null, rejection: number | null, tolerance: number) {
    this.#known = { registration, rejection };
    this.#tolerance = tolerance;
    this.delays = {
      registrationTimeout: registration ?? never,
      rejectionTimeout: rejection ?? never,
    };
  }

  knows(kind: DeadlineKind): boolean {
    return this.#known[kind] !== null;
  }

  /** Whether a deadline is known and has expired after that many milliseconds. */
  isDue(kind: DeadlineKind, after: number): boolean {
    const known = this.#known[kind];
    return known !== null && after >= known - this.#tolerance;
  }

  /** By how much a client exceeded a deadline, in words that follow its name; null when it did not or the deadline is unknown. */
  overrun(kind: DeadlineKind, after: number): string | null {
    const known = this.#known[kind];
    if (known === null || after - known <= this.#tolerance) return null;
    return `stayed ${duration(after - known)} longer than the ${kind} deadline of ${duration(known)}`;
  }
}
