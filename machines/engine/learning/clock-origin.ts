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
  const path: ObservationNode[] = [];
  for (let one: ObservationNode | null = node; one; one = one.parent) path.unshift(one);
  const clocks: (MeasuredClock | null)[] = [];
  for (const one of path) clocks.push(ownClock(one, clocks, tolerance));
  return clocks.at(-1) ?? null;
}

/** @param above the clocks of the nodes before */
function ownClock(
  node: ObservationNode,
  above: readonly (MeasuredClock | null)[],
  tolerance: number,
): MeasuredClock | null {
  const fits = fitsOf(node.child(silence), tolerance);
  const [latest] = fits;
  if (!latest || fits.length === 1) return latest ?? null;
  // Without a pause before the last input it is not known whether that input started the clock.
  return latest.origin === node.depth ? null : inherited(fits, above, tolerance);
}

/** Of several origins the one of the clock that an earlier node had, with the same length. */
function inherited(
  fits: readonly Fit[],
  above: readonly (MeasuredClock | null)[],
  tolerance: number,
): Fit | null {
  for (const clock of above.toReversed()) {
    const same = clock && fits.find(({ origin }) => origin === clock.origin);
    if (same && Math.abs(same.length - clock.length) <= tolerance) return same;
  }
  return null;
}

interface KnownFits {
  readonly measurements: number;
  readonly tolerance: number;
  readonly fits: readonly Fit[];
}
const known = new WeakMap<ObservationNode, KnownFits>();

function fitsOf(after: ObservationNode | undefined, tolerance: number): readonly Fit[] {
  const measurements = after?.samples.length ?? 0;
  if (!after || measurements === 0) return [];
  const before = known.get(after);
  if (before?.measurements === measurements && before.tolerance === tolerance) return before.fits;
  const fits = originFits(after.samples, tolerance);
  known.set(after, { measurements, tolerance, fits });
  return fits;
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

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}
