import type { Difference } from './differences.js';
import type { PassiveSession, SessionStep } from './passive-session.js';
import type { PassiveWalk } from './passive-walk.js';
import { silence } from './timed-machine.js';

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
};

interface Noted {
  readonly departure: Departure;
  sessions: number;
  readonly first: number;
  witness: readonly string[];
  example: { readonly name: string; readonly steps: readonly SessionStep[] };
  min: number;
  max: number;
}

/** Maximum number of differences; later ones count only as departed sessions. */
const mostDifferences = 1_000;

/** The differences of all sessions, each once. */
export class DifferenceLog {
  readonly #noted = new Map<string, Noted>();
  #departed = 0;

  /** The number of sessions with a difference. */
  get departed(): number {
    return this.#departed;
  }

  add(departure: Departure, { number, session, inputs, shown }: PassiveWalk): void {
    const { kind, expectedState, input, observed, depth, after } = departure;
    const key = JSON.stringify([kind, expectedState, input, observed]);
    if (shown.size === 0) this.#departed += 1;
    const isNew = !shown.has(key);
    shown.add(key);
    const before = inputs.slice(0, depth);
    const isSilent = input === silence || kind === 'clock';
    const witness = isSilent ? [...before, silence] : before;
    const steps = session.steps.slice(0, witness.length);
    const example = { name: session.name, steps };
    const time = after ?? 0;
    const noted = this.#noted.get(key);
    if (!noted) {
      if (this.#noted.size >= mostDifferences) return;
      const counts = { sessions: 1, first: number, min: time, max: time };
      this.#noted.set(key, { departure, ...counts, witness, example });
      return;
    }
    noted.min = Math.min(noted.min, time);
    noted.max = Math.max(noted.max, time);
    if (isNew) noted.sessions += 1;
    if (witness.length < noted.witness.length) Object.assign(noted, { witness, example });
  }

  result(): PassiveDifference[] {
    return [...this.#noted.values()]
      .sort((one, other) => one.first - other.first)
      .map(({ departure, sessions, first, witness, example, min, max }) => {
        const { depth, after, ...difference } = departure;
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
}

function timedText(observed: string, min: number, max: number): string {
  const [from, to] = [Math.round(min), Math.round(max)];
  if (observed === 'nothing') return `nothing within ${to} ms`;
  return from === to ? `${observed} after ${to} ms` : `${observed} after ${from} to ${to} ms`;
}
