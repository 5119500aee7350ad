import type { Inference } from '../session/marks.js';
import type { SessionSummary } from '../session/verdict.js';
import type { Place } from './events.js';

/** The result for one session of a log. */
export interface ObservedSession {
  readonly summary: SessionSummary;
  /** The name in the client's RequestRegisterClient, otherwise its name in the log. */
  readonly client: string;
  /** The proxy through which it sent, by its name in the log, or null. */
  readonly proxy: string | null;
  /**
   * Milliseconds from RequestRegisterClient to its answer, for the last answered one up to the registration. For a client that never
   * asked to register: from its first message to the EventError. Null without an answer.
   */
  readonly answeredAfter: number | null;
  /** Milliseconds from Connected until the server closed an unregistered client without an EventError; otherwise null. */
  readonly registrationDeadline: number | null;
  /** Milliseconds from the first EventError until the server closed an unregistered client; otherwise null. */
  readonly rejectionDeadline: number | null;
  /** Number of findings in this session. */
  readonly findings: number;
  /** What was inferred, each once. */
  readonly inferred: readonly Inference[];
  /** First and last line in the log. */
  readonly first: Place | null;
  readonly last: Place | null;
}
