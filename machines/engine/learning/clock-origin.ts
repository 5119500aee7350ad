/** When a clock began: for which input the time until the timeout is always the same, whatever the pauses before it. */
import type { ObservationNode, SilenceSample } from './observation-tree.js';
import { silence } from './timed-machine.js';

/** The clock that runs after a word. */
export interface MeasuredClock {
  /** The number of inputs of the word up to the one that started the clock; 0 for the connect. */
  readonly origin: number;
  /** Milliseconds. */
  readonly length: number;
}

/** Four of five measurements must agree; of eight or more, two of three: then a second origin would agree less by far. */
export function isEnough(agreeing: number, measurements: number): boolean {
  return agreeing >= measurements * (measurements < 8 ? 0.8 : 0.65);
}

interface Fit extends MeasuredClock {
  readonly agreeing: number;
}

/** The clock of a node; null without a measurement, when none fits, and when measurements do not tell between earlier inputs. */
export function clockOf(node: ObservationNode, tolerance: number): MeasuredClock | null {
  const samples = node.child(silence)?.samples ?? [];
  if (samples.length === 0) return null;
  const fits = originFits(samples, tolerance);
  if (fits.length === 0) return null;
  const [latest] = fits as [Fit];
  if (fits.length === 1) return latest;
  // Without a pause before the last input it is not known whether that input started the clock.
  return latest.origin === node.depth ? null : inherited(node, fits, tolerance);
}

/** The origins for which enough measurements agree; the latest origin first. */
function originFits(samples: readonly SilenceSample[], tolerance: number): Fit[] {
  const count = Math.min(...samples.map(({ moments }) => moments.length));
  const fits: Fit[] = [];
  for (let origin = count - 1; origin >= 0; origin -= 1) {
    const lengths = samples.map(({ moments, at }) => at - (moments[origin] ?? 0));
    const length = median(lengths);
    const agreeing = lengths.filter((one) => Math.abs(one - length) <= tolerance).length;
    if (isEnough(agreeing, samples.length)) fits.push({ origin, length, agreeing });
  }
  const most = Math.max(0, ...fits.map(({ agreeing }) => agreeing));
  return fits.filter(({ agreeing }) => agreeing === most);
}

/** Of several origins the one of the clock that an ancestor had, with the same length. */
function inherited(node: ObservationNode, fits: readonly Fit[], tolerance: number): Fit | null {
  for (let above = node.parent; above; above = above.parent) {
    const clock = clockOf(above, tolerance);
    const same = clock && fits.find(({ origin }) => origin === clock.origin);
    if (same && Math.abs(same.length - clock.length) <= tolerance) return same;
  }
  return null;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}
