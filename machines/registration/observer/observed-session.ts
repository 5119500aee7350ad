import type { SessionSummary } from '../session/verdict.js';
import type { Place } from './events.js';
import type { Inference } from './marks.js';

/** The result of one session of a log. */
export interface ObservedSession {
  readonly summary: SessionSummary;
  /** The client's name from its RequestRegisterClient, else the name in the log. */
  readonly client: string;
  /** The client's proxy as named in the log, or null. */
  readonly proxy: string | null;
  /**
   * Milliseconds from RequestRegisterClient to its answer, for the last one answered before or by the registration; for
   * a client without such a request, from its first message to the EventError. Null without an answer.
   */
  readonly answeredAfter: number | null;
  /** Milliseconds from Connected to the server's close of an unregistered connection without an earlier error; else null. */
  readonly registrationDeadline: number | null;
  /** Milliseconds from the first EventError to the server's close before the registration; else null. */
  readonly rejectionDeadline: number | null;
  /** Number of its findings. */
  readonly findings: number;
  /** The inferences, each once. */
  readonly inferred: readonly Inference[];
  /** The places of its first and last line. */
  readonly first: Place | null;
  readonly last: Place | null;
}
