import type { StepRecord } from '../../../machines/registration/session/step.js';
import { abridged } from '../../../machines/text/format.js';

/** The state of an open session. */
interface Recorded {
  seq: number;
  /** Wall clock of Connected. */
  since: number;
}

/** Maximum difference of a session's elapsed time and the wall clock, in milliseconds. */
const drift = 500;
/** Maximum number of open sessions; beyond it the oldest is dropped, and missing records of it are not detected. */
const mostSessions = 100_000;

/** The inferred time of a recorded step. */
export interface RecordedStep {
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** Whether an earlier record of its session exists. */
  readonly isKnown: boolean;
  /** Whether records between that one and this one are missing. */
  readonly isJump: boolean;
}

/**
 * The sessions of a recording. The time between two steps comes from the monotonic clock, which never jumps and is more precise than
 * the wall clock; when the wall clock was corrected, the session follows it from there on, so that sessions stay in order.
 */
export class RecordedSessions {
  readonly #sessions = new Map<string, Recorded>();

  /** The problem of a record at this place; null without a problem. */
  problemOf({ session, seq }: StepRecord): string | null {
    const before = this.#sessions.get(session)?.seq;
    if (before === undefined || seq > before) return null;
    const name = abridged(session);
    if (seq === before) return `a second record ${seq} of ${name}`;
    return `record ${seq} of ${name} stands after record ${before}`;
  }

  take(step: StepRecord): RecordedStep {
    const { session, seq, elapsed } = step;
    const known = this.#sessions.get(session);
    const since = known?.since ?? step.at - elapsed;
    const isSet = Math.abs(since + elapsed - step.at) > drift;
    const at = isSet ? step.at : since + elapsed;
    const isJump = known !== undefined && seq > known.seq + 1;
    if (step.to === 'disconnected') this.#sessions.delete(session);
    else if (known) {
      known.seq = seq;
      if (isSet) known.since = at - elapsed;
    } else this.#remember(session, { seq, since: at - elapsed });
    return { at, isKnown: known !== undefined, isJump };
  }

  #remember(session: string, recorded: Recorded): void {
    this.#sessions.set(session, recorded);
    if (this.#sessions.size <= mostSessions) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }
}
