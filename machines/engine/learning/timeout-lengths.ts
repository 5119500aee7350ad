import { stateNamed, type TimedMachine, type Timeout } from './timed-machine.js';
import {
  judged,
  type KnownTimeouts,
  settle,
  sinceStart,
  type TimingDifference,
  type TimingSample,
  toleranceOf,
} from './timing.js';

interface Waiting {
  readonly sample: TimingSample;
  readonly then: (difference: TimingDifference) => void;
}

/** Number of sessions from which an unknown length is measured. */
const measuredFrom = 20;
/** Maximum number of samples of a state that wait for its length. */
const maxWaiting = 1_000;
/** The part of the samples that must agree on a length. */
const agreement = 0.8;

/**
 * The lengths of the timeouts of a machine. Those that it leaves open are measured: a sample waits until 20 sessions have shown the
 * timeout, or until there are no more.
 */
export class TimeoutLengths implements KnownTimeouts {
  readonly #machine: TimedMachine;
  readonly #tolerance: number | null;
  /** By state; null for a state whose samples do not agree. */
  readonly #lengths = new Map<string, number | null>();
  readonly #waiting = new Map<string, Waiting[]>();

  /** @param tolerance milliseconds; null for a tenth of each length, from 50 to 500 */
  constructor(machine: TimedMachine, tolerance: number | null) {
    this.#machine = machine;
    this.#tolerance = tolerance;
    for (const { name, timeout } of machine.states) {
      if (timeout && timeout.length !== null) this.#lengths.set(name, timeout.length);
    }
  }

  /** The states whose timeouts have no steady length. */
  get unsteady(): string[] {
    return [...this.#lengths].filter(([, length]) => length === null).map(([state]) => state);
  }

  timeoutOf(state: string): Timeout | null {
    return stateNamed(this.#machine, state).timeout;
  }

  lengthOf(state: string): number | null {
    return this.#lengths.get(state) ?? null;
  }

  tolerance(length: number): number {
    return this.#tolerance ?? toleranceOf(length);
  }

  /** @param then called with the verdict, now or later */
  take(sample: TimingSample, then: Waiting['then']): void {
    const { state, output } = sample;
    if (!this.timeoutOf(state) || this.#lengths.has(state)) {
      then(judged(sample, this));
      return;
    }
    const waiting = this.#waiting.get(state) ?? [];
    this.#waiting.set(state, waiting);
    if (output !== null || waiting.length < maxWaiting) waiting.push({ sample, then });
    const shown = output === null ? 0 : waiting.filter(({ sample: one }) => one.output).length;
    if (shown >= measuredFrom) this.#measure(state);
  }

  /** Judges what still waits. */
  end(): void {
    for (const state of [...this.#waiting.keys()]) this.#measure(state);
  }

  #measure(state: string): void {
    const waiting = this.#waiting.get(state) ?? [];
    this.#waiting.delete(state);
    const measured = measuredLength(
      waiting.map(({ sample }) => sample),
      (length) => this.tolerance(length),
    );
    // Without a single sample the length stays unknown, and nothing is judged by it.
    if (measured !== undefined) this.#lengths.set(state, measured);
    for (const { sample, then } of waiting) then(judged(sample, this));
  }
}

/** The length on which most samples agree; null when they do not agree, undefined without a sample. */
function measuredLength(
  samples: readonly TimingSample[],
  tolerance: (length: number) => number,
): number | null | undefined {
  const shown = samples.filter((one) => one.output && !isAnswer(one) && sinceStart(one) !== null);
  // Edges that keep the clock might start it in this server.
  const plain = shown.filter(({ marks }) => marks.at(-1)?.effect === 'start');
  const lengths = (plain.length > 0 ? plain : shown)
    .map((one) => sinceStart(one) ?? 0)
    .sort((one, other) => one - other);
  const median = lengths[lengths.length >> 1];
  if (median === undefined) return undefined;
  const agreeing = lengths.filter((length) => Math.abs(length - median) <= tolerance(median));
  return agreeing.length >= lengths.length * agreement ? Math.round(median) : null;
}

function isAnswer({ last, at }: TimingSample): boolean {
  return last?.from != null && at - last.at <= settle;
}
