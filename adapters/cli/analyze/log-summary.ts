import { type SessionVerdict, verdicts } from '../../../machines/registration/session/verdict.js';
import { BoundedCounts } from './bounded-counts.js';
import { type DurationStatistics, DurationsSeen } from './durations-seen.js';
import { type RepeatOffender, RepeatOffenders } from './repeat-offenders.js';
import type { SessionFields } from './session-fields.js';
import { type SessionsOverTime, StartsOverTime } from './sessions-over-time.js';

export interface Counted {
  readonly name: string;
  readonly sessions: number;
}

/** The summary of a log. Times are in milliseconds. */
export interface Summary {
  readonly sessions: number;
  /** Number of findings of the sessions. */
  readonly findings: number;
  readonly verdicts: readonly (Counted & { readonly words: string })[];
  readonly types: readonly Counted[];
  readonly endings: readonly Counted[];
  /** The last EventError of each session before its registration. */
  readonly errors: readonly {
    readonly code: number | null;
    readonly text: string;
    readonly sessions: number;
  }[];
  /** Number of sessions whose type or error exceeds the limits of these lists. */
  readonly otherTypes: number;
  readonly otherErrors: number;
  readonly answers: DurationStatistics | null;
  readonly slowest: readonly Pick<
    SessionFields,
    'session' | 'client' | 'start' | 'answeredAfter' | 'words'
  >[];
  readonly registrationDeadline: DurationStatistics | null;
  readonly rejectionDeadline: DurationStatistics | null;
  readonly offenders: readonly RepeatOffender[];
  /** Number of sessions whose names exceed the limit. */
  readonly otherNames: number;
  readonly overTime: SessionsOverTime | null;
}

export const max = { names: 65_536, errors: 1_000, types: 1_000, slowest: 10, columns: 60 };

/** Verdicts on sessions that did not end or whose end is unknown. */
const notOver: ReadonlySet<SessionVerdict> = new Set(['open', 'undecided']);

/** Summarises sessions one by one in bounded memory. */
export class LogSummary {
  #sessions = 0;
  #findings = 0;
  readonly #verdicts = new BoundedCounts(Object.keys(verdicts).length);
  readonly #endings = new BoundedCounts(32);
  readonly #types: BoundedCounts;
  readonly #errors: BoundedCounts;
  readonly #offenders: RepeatOffenders;
  readonly #answers = new DurationsSeen();
  readonly #registrationDeadline = new DurationsSeen();
  readonly #rejectionDeadline = new DurationsSeen();
  readonly #overTime: StartsOverTime;
  readonly #max: typeof max;
  #slowest: SessionFields[] = [];

  /** @param limits limits of the tables, which a log could otherwise fill without end. */
  constructor(limits: Partial<typeof max> = {}) {
    this.#max = { ...max, ...limits };
    this.#types = new BoundedCounts(this.#max.types);
    this.#errors = new BoundedCounts(this.#max.errors);
    this.#offenders = new RepeatOffenders(this.#max.names);
    this.#overTime = new StartsOverTime(this.#max.columns);
  }

  add(session: SessionFields): void {
    const { verdict, clientType, ended, error } = session;
    this.#sessions += 1;
    this.#findings += session.findings;
    this.#verdicts.add(verdict);
    this.#types.add(clientType ?? '-');
    this.#endings.add(ended);
    if (error) this.#errors.add(JSON.stringify([error.code, error.text]));
    const isUnregistered = verdict !== 'registered' && !notOver.has(verdict);
    if (isUnregistered) this.#offenders.add(session);
    this.#overTime.add(session.startedAt, isUnregistered);
    if (session.answeredAfter !== null) {
      this.#answers.add(session.answeredAfter);
      this.#keepSlowest(session, session.answeredAfter);
    }
    if (session.registrationDeadline !== null) {
      this.#registrationDeadline.add(session.registrationDeadline);
    }
    if (session.rejectionDeadline !== null) this.#rejectionDeadline.add(session.rejectionDeadline);
  }

  result(): Summary {
    return {
      sessions: this.#sessions,
      findings: this.#findings,
      verdicts: this.#verdicts.entries().map(([name, sessions]) => ({
        name,
        words: verdicts[name as SessionVerdict],
        sessions,
      })),
      types: counted(this.#types),
      endings: counted(this.#endings),
      errors: this.#errors.entries().map(([key, sessions]) => {
        const [code, text] = JSON.parse(key) as [number | null, string];
        return { code, text, sessions };
      }),
      otherTypes: this.#types.others,
      otherErrors: this.#errors.others,
      answers: this.#answers.statistics(),
      slowest: this.#slowest.map(({ session, client, start, answeredAfter, words }) => ({
        session,
        client,
        start,
        answeredAfter,
        words,
      })),
      registrationDeadline: this.#registrationDeadline.statistics(),
      rejectionDeadline: this.#rejectionDeadline.statistics(),
      offenders: this.#offenders.result(),
      otherNames: this.#offenders.others,
      overTime: this.#overTime.result(),
    };
  }

  #keepSlowest(session: SessionFields, answeredAfter: number): void {
    const slowest = this.#slowest;
    const last = slowest[this.#max.slowest - 1];
    if (last && (last.answeredAfter ?? 0) >= answeredAfter) return;
    const at = slowest.findIndex((other) => (other.answeredAfter ?? 0) < answeredAfter);
    slowest.splice(at < 0 ? slowest.length : at, 0, session);
    slowest.length = Math.min(slowest.length, this.#max.slowest);
  }
}

function counted(counts: BoundedCounts): Counted[] {
  return counts.entries().map(([name, sessions]) => ({ name, sessions }));
}
