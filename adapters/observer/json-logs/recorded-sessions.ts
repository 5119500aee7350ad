import { abridged, type StepRecord } from '../../../machines/index.js';

/** What is remembered of a session that goes on. */
interface Recorded {
  seq: number;
  /** Wall clock at its Connected. */
  since: number;
}

/** Milliseconds by which a session's own time and the clock on the wall may differ. */
const drift = 500;
/** Sessions that are remembered at once; of more the oldest is forgotten, and nobody sees what is missing of it. */
const mostSessions = 100_000;

/** When a recorded step is taken to have been. */
export interface RecordedStep {
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** A record of its session was before it. */
  readonly isKnown: boolean;
  /** Records between that one and it are missing. */
  readonly isJump: boolean;
}

/**
 * The sessions of a recording. Between the steps of one lies the time that its own clock counted, which never jumps and is finer than
 * the one on the wall; where that one was set meanwhile, the session follows it from there on, so that sessions stay in order.
 */
export class RecordedSessions {
  readonly #sessions = new Map<string, Recorded>();

  /** Why a record cannot be where it is; null when it can. */
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
