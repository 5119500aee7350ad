import { silence } from './timed-machine.js';
import { type ClockMark, type KnownTimeouts, sinceStart, type TimingSample } from './timing.js';

/** The part of the sessions that must show a difference that a busy machine could also cause. */
export const believed = 0.8;
/** A timeout may come this late, in milliseconds, because the server or its recorder was busy. */
const stall = 500;

/** Whether a busy machine could have caused a difference. @param lateBy milliseconds; null where time does not matter */
export function isDoubtful(lateBy: number | null): boolean {
  return lateBy !== null && lateBy > 0 && lateBy <= stall;
}

/** Counts the timeouts that came when they should, by what they speak against. */
export class TimingEvidence {
  readonly #known: KnownTimeouts;
  readonly #counts = new Map<string, number>();

  constructor(known: KnownTimeouts) {
    this.#known = known;
  }

  /** A timeout that came when it should. */
  add(sample: TimingSample): void {
    const { state, marks, at } = sample;
    this.#count(state, silence);
    const length = this.#known.lengthOf(state);
    if (length === null || sinceStart(sample) === null) return;
    const isOther = (mark: ClockMark) =>
      Math.abs(at - mark.at - length) > this.#known.tolerance(length);
    const kept = marks.at(-1)?.effect === 'keep' ? marks.at(-1) : undefined;
    if (kept && isOther(kept)) this.#count(kept.from ?? '', kept.input ?? '');
    const start = marks.findLast(({ effect }) => effect === 'start');
    if (start?.from != null) this.#count(start.from, start.input ?? '');
  }

  /** The number of timeouts that speak against a difference of a state and an input. */
  against(state: string, input: string): number {
    return this.#counts.get(keyOf(state, input)) ?? 0;
  }

  #count(state: string, input: string): void {
    const key = keyOf(state, input);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}

function keyOf(state: string, input: string): string {
  return JSON.stringify([state, input]);
}
