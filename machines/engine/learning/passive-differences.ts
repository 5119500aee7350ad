import type { Difference } from './differences.js';
import type { PassiveSession, SessionStep } from './passive-session.js';
import type { PassiveWalk } from './passive-walk.js';
import { silence } from './timed-machine.js';
import { believed, isDoubtful } from './timing-evidence.js';

/** A difference with what the recordings show of it. */
export interface PassiveDifference extends Difference {
  /** The observed output without its time; empty for none. */
  readonly output: string;
  /** The number of sessions that show it. */
  readonly sessions: number;
  /** The number of the first session that shows it, from 1. */
  readonly first: number;
  /** A shortest session that shows it, up to there. */
  readonly example: Pick<PassiveSession, 'name' | 'steps'>;
  /** Milliseconds of the timeout, the shortest and the longest; null for other differences. */
  readonly after: readonly [min: number, max: number] | null;
}

/** Where a session departs from the figure. */
export type Departure = Omit<Difference, 'observedState' | 'witness'> & {
  /** The number of inputs before it; the differing input counts unless it is silence. */
  readonly depth: number;
  /** Milliseconds from the start of the clock; null where time does not matter. */
  readonly after: number | null;
  /** See `TimingDifference`. @default null */
  readonly lateBy?: number | null;
};

interface Noted {
  readonly departure: Departure;
  sessions: number;
  /** The number of sessions that depart, as far as they show doubtful differences only. */
  doubtful: number;
  /** Whether a busy machine could have caused it in every session so far. */
  isDoubtful: boolean;
  readonly first: number;
  witness: readonly string[];
  example: { readonly name: string; readonly steps: readonly SessionStep[] };
  min: number;
  max: number;
}

export interface LoggedDifferences {
  /** Those that were seen first come first. */
  readonly differences: readonly PassiveDifference[];
  /** The number of sessions that show one of them. */
  readonly departed: number;
  /** Timeouts that came late in too few sessions. */
  readonly doubtful: readonly PassiveDifference[];
}

/** Maximum number of differences; later ones count only as departed sessions. */
const maxDifferences = 1_000;

/** The differences of all sessions, each once. */
export class DifferenceLog {
  readonly #noted = new Map<string, Noted>();
  /** The number of sessions with a difference that is not doubtful. */
  #departed = 0;

  add(departure: Departure, walk: PassiveWalk): void {
    const { number, session, inputs, shown } = walk;
    const { kind, expectedState, input, observed, depth, after } = departure;
    const key = JSON.stringify([kind, expectedState, input, observed]);
    const isNew = !shown.has(key);
    const isFirst = shown.size === 0;
    shown.add(key);
    const doubtful = isDoubtful(departure.lateBy ?? null);
    if (!doubtful && !walk.isDeparted) {
      walk.isDeparted = true;
      this.#departed += 1;
      const [before] = shown;
      const counted = this.#noted.get(before ?? '');
      if (counted && !isFirst) counted.doubtful -= 1;
    }
    const more = doubtful && isFirst ? 1 : 0;
    const before = inputs.slice(0, depth);
    const isSilent = input === silence || kind === 'clock';
    const witness = isSilent ? [...before, silence] : before;
    const steps = session.steps.slice(0, witness.length);
    const example = { name: session.name, steps };
    const time = after ?? 0;
    const noted = this.#noted.get(key);
    if (!noted) {
      if (this.#noted.size >= maxDifferences) return;
      const counts = {
        sessions: 1,
        doubtful: more,
        isDoubtful: doubtful,
        first: number,
        min: time,
        max: time,
      };
      this.#noted.set(key, { departure, ...counts, witness, example });
      return;
    }
    noted.min = Math.min(noted.min, time);
    noted.max = Math.max(noted.max, time);
    noted.doubtful += more;
    if (!doubtful) noted.isDoubtful = false;
    if (isNew) noted.sessions += 1;
    if (witness.length < noted.witness.length) Object.assign(noted, { witness, example });
  }

  /** @param against the number of sessions that speak against a doubtful difference */
  result(against: (departure: Departure) => number): LoggedDifferences {
    const all = [...this.#noted.values()].sort((one, other) => one.first - other.first);
    const isBelieved = ({ isDoubtful, sessions, departure }: Noted) =>
      !isDoubtful || sessions >= believed * (sessions + against(departure));
    const kept = all.filter(isBelieved);
    return {
      differences: passive(kept),
      departed: kept.reduce((sum, { doubtful }) => sum + doubtful, this.#departed),
      doubtful: passive(all.filter((one) => !isBelieved(one))),
    };
  }
}

function passive(noted: readonly Noted[]): PassiveDifference[] {
  return noted.map(({ departure, sessions, first, witness, example, min, max }) => {
    const { depth, after, lateBy, ...difference } = departure;
    const { expectedState, kind, observed } = difference;
    const isTimed = after !== null && (kind === 'length' || kind === 'timeout');
    return {
      ...difference,
      observedState: expectedState,
      output: observed === 'nothing' ? '' : observed,
      observed: isTimed ? timedText(observed, min, max) : observed,
      witness,
      sessions,
      first,
      example,
      after: isTimed ? ([Math.round(min), Math.round(max)] as const) : null,
    };
  });
}

function timedText(observed: string, min: number, max: number): string {
  const [from, to] = [Math.round(min), Math.round(max)];
  if (observed === 'nothing') return `nothing within ${to} ms`;
  return from === to ? `${observed} after ${to} ms` : `${observed} after ${from} to ${to} ms`;
}
