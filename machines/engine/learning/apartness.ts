/** Whether two observed nodes must be different states of the system. */
import { clockOf, type MeasuredClock } from './clock-origin.js';
import { areEqual, type ObservationNode } from './observation-tree.js';

/** What tells two nodes apart. */
export interface Witness {
  /** Inputs after both nodes. */
  readonly suffix: readonly string[];
  /** Whether the clock after the suffix differs, not an output. */
  readonly isClock: boolean;
}

/**
 * What tells two nodes apart, of all that was observed after both; null when nothing does.
 * @param maxLength maximum number of inputs after the nodes. @default no limit
 */
export function apart(
  one: ObservationNode,
  other: ObservationNode,
  tolerance: number,
  maxLength = Number.POSITIVE_INFINITY,
): Witness | null {
  const pairs: [ObservationNode, ObservationNode, readonly string[]][] = [[one, other, []]];
  // Pairs are appended while the list is iterated: a shortest witness is found first.
  for (const [left, right, suffix] of pairs) {
    if (clocksDiffer([one, left], [other, right], tolerance)) return { suffix, isClock: true };
    if (suffix.length === maxLength) continue;
    for (const child of left.children) {
      const beside = right.child(child.input);
      if (!beside) continue;
      const longer = [...suffix, child.input];
      if (!areEqual(child, beside)) return { suffix: longer, isClock: false };
      if (!child.isClosed) pairs.push([child, beside, longer]);
    }
  }
  return null;
}

/** A node, and the later one whose clock is compared. */
type Position = readonly [from: ObservationNode, to: ObservationNode];

function clocksDiffer(one: Position, other: Position, tolerance: number): boolean {
  const [first, second] = [one, other].map(([, node]) => clockOf(node, tolerance));
  if (!first || !second) return false;
  if (Math.abs(first.length - second.length) > tolerance) return true;
  return relativeOrigin(first, one) !== relativeOrigin(second, other);
}

/** How many inputs after the first node the clock was started; 0 when it ran before, or began with that node. */
function relativeOrigin({ origin }: MeasuredClock, [from]: Position): number {
  return Math.max(0, origin - from.depth);
}
