import type { Inference } from '../session/marks.js';
import type { SessionSummary } from '../session/verdict.js';
import type { Place } from './events.js';

/** What became of one session of a log. */
export interface ObservedSession {
  readonly summary: SessionSummary;
  /** The client's name as it asked with it, else what the log calls it. */
  readonly client: string;
  /** The proxy through which it spoke, as the log calls it, or null. */
  readonly proxy: string | null;
  /**
   * Milliseconds from the RequestRegisterClient to its answer, of the last one that was answered before or with the registration; for
   * a client that never asked, from its first message to the EventError. Null without an answer.
   */
  readonly answeredAfter: number | null;
  /** Milliseconds from Connected to the end by the server before the registration, where no error was sent before; else null. */
  readonly registrationDeadline: number | null;
  /** Milliseconds from the first EventError to the end by the server before the registration; else null. */
  readonly rejectionDeadline: number | null;
  /** Findings that are of it. */
  readonly findings: number;
  /** What was concluded of it, each once. */
  readonly inferred: readonly Inference[];
  /** Where it begins and ends in the log. */
  readonly first: Place | null;
  readonly last: Place | null;
}
