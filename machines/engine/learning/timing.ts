/** Judges when a server acted by itself, in recorded sessions: the lengths of timeouts, and which edges start their clock. */
import type { Difference } from './differences.js';
import { edgeText } from './differences.js';
import { silence, type Timeout } from './timed-machine.js';

/** An edge that started, kept or stopped a clock, or the connect. */
export interface ClockMark {
  /** Milliseconds since the connect: when its answer came. */
  readonly at: number;
  readonly effect: 'start' | 'keep' | 'stop';
  /** The state before the edge, and its input; null for the connect. */
  readonly from: string | null;
  readonly input: string | null;
  /** The output of the edge. */
  readonly output: string;
  /** The state to which it led. */
  readonly to: string;
}

/** A moment at which a timeout came or should have come. */
export interface TimingSample {
  readonly state: string;
  /** What came; null when nothing had come until then. */
  readonly output: string | null;
  /** Milliseconds since the connect. */
  readonly at: number;
  /** The edges before it, oldest first, without those at which no clock ran. */
  readonly marks: readonly ClockMark[];
  /** The last edge of the session, whatever it did to the clock. */
  readonly last: ClockMark | null;
}

/** What a sample shows; null when it agrees with the figure. */
export type TimingDifference =
  | (Omit<Difference, 'observedState' | 'witness'> & {
      /** Milliseconds after the timeout was due; below 0 when it came early, null when none was due. */
      readonly lateBy: number | null;
    })
  | null;

/** An output that comes this soon after an answer, in milliseconds, belongs to the answer unless a timeout was due. */
export const settle = 50;

/** Milliseconds by which a length may differ: a tenth of it, from 50 to 500. */
export function toleranceOf(length: number): number {
  return Math.min(500, Math.max(50, length / 10));
}

/** The known lengths of the timeouts of a machine. */
export interface KnownTimeouts {
  timeoutOf(state: string): Timeout | null;
  /** The length of a state's timeout; null while it is unknown. */
  lengthOf(state: string): number | null;
  /** @returns milliseconds */
  tolerance(length: number): number;
}

/** Milliseconds since the edge that should have started the clock; null when it is not in the recording. */
export function sinceStart({ marks, at }: TimingSample): number | null {
  const start = marks.findLast(({ effect }) => effect !== 'keep');
  return start?.effect === 'start' ? at - start.at : null;
}

/** Compares a sample with the figure. The length of the state's timeout must be known. */
export function judged(sample: TimingSample, known: KnownTimeouts): TimingDifference {
  const difference = compared(sample, known);
  const [since, length] = [sinceStart(sample), known.lengthOf(sample.state)];
  const lateBy = since !== null && length !== null ? since - length : null;
  return difference && { ...difference, lateBy };
}

type Compared = Omit<Difference, 'observedState' | 'witness'> | null;

function compared(sample: TimingSample, known: KnownTimeouts): Compared {
  const { state, output, at, marks, last } = sample;
  const timeout = known.timeoutOf(state);
  const length = known.lengthOf(state);
  const since = sinceStart(sample);
  const isDue = (start: number, of: number) => Math.abs(at - start - of) <= known.tolerance(of);
  const silent = { expectedState: state, input: silence };
  const expected = edgeText(timeout && { ...timeout, length });
  if (output === null) {
    if (!timeout || length === null || since === null) return null;
    if (since <= length + known.tolerance(length)) return null;
    const restart = marks.findLast((mark) => mark.effect === 'keep');
    if (restart && at - restart.at <= length + known.tolerance(length)) return restarted(restart);
    return { ...silent, kind: 'timeout', expected, observed: 'nothing' };
  }
  if (timeout && length !== null && since !== null && isDue(at - since, length)) return null;
  if (last?.from && last.input && at - last.at <= settle) {
    const observed = [last.output, output].filter(Boolean).join(' ');
    const edge = { expectedState: last.from, input: last.input };
    return { ...edge, kind: 'output', expected: last.output || 'nothing', observed };
  }
  const isDueBefore = (mark: ClockMark) => {
    const before = known.lengthOf(mark.to);
    return before !== null && isDue(mark.at, before);
  };
  if (!timeout) {
    const other = { ...silent, kind: 'timeout', expected, observed: output } as const;
    return keptFrom(marks, 'stop', isDueBefore) ?? other;
  }
  if (since === null) return null;
  const restart = marks.findLast(
    (mark) => length !== null && mark.effect === 'keep' && isDue(mark.at, length),
  );
  if (restart) return restarted(restart);
  const kept = keptFrom(marks, 'start', isDueBefore);
  if (kept || length === null) return kept;
  return { ...silent, kind: 'length', expected, observed: output };
}

function restarted({ from, input }: ClockMark): Compared {
  if (from === null || input === null) return null;
  const edge = { expectedState: from, input };
  return { ...edge, kind: 'clock', expected: 'keep', observed: 'start' };
}

/** The last edge that should have started or stopped the clock, when the clock before it was due. */
function keptFrom(
  marks: readonly ClockMark[],
  effect: 'start' | 'stop',
  isDue: (mark: ClockMark) => boolean,
): Compared {
  const at = marks.findLastIndex((mark) => mark.effect === effect);
  const earlier = marks.slice(0, Math.max(0, at)).findLast((mark) => mark.effect === 'start');
  const mark = marks[at];
  if (!earlier || !isDue(earlier) || !mark || mark.from === null || mark.input === null) {
    return null;
  }
  const edge = { expectedState: mark.from, input: mark.input };
  return { ...edge, kind: 'clock', expected: effect, observed: 'keep' };
}
