/** Which states of two machines belong together, for a drawing of both. */
import { edgeDifference, isObserved } from './differences.js';
import {
  edgeOf,
  endsSession,
  silence,
  stateNamed,
  type TimedEdge,
  type TimedMachine,
  type TimedState,
  type Timeout,
} from './timed-machine.js';

/** See `OverlayEdge`. */
export type EdgeStatus = 'agrees' | 'missing' | 'different' | 'unseen';

/** A state of the expected machine, of the observed one, or of both. */
export interface PairedState {
  readonly expected: TimedState | null;
  readonly observed: TimedState | null;
  /** The inputs of a shortest session that reaches it. */
  readonly path: readonly string[];
  /** Of the edges of a state that only one machine has. */
  readonly status: Exclude<EdgeStatus, 'agrees'> | null;
}

/** The edges of both machines for one input, compared. */
export interface ComparedEdges {
  readonly wanted: TimedEdge | Timeout | null;
  readonly seen: TimedEdge | Timeout | null;
  readonly status: 'agrees' | 'differs' | 'unseen';
}

/** Compares the edges of an input; of a state that only one machine has, that machine's edge. */
export function comparedEdges(
  { expected, observed }: Pick<PairedState, 'expected' | 'observed'>,
  input: string,
  tolerance: number,
): ComparedEdges {
  const wanted = expected && edgeOf(expected, input);
  const seen = observed && edgeOf(observed, input);
  if (!expected || !observed || !isObserved(expected, input)) {
    return { wanted, seen, status: 'agrees' };
  }
  if (!isObserved(observed, input)) return { wanted, seen: null, status: 'unseen' };
  return { wanted, seen, status: differ(wanted, seen, tolerance) ? 'differs' : 'agrees' };
}

/** Whether two edges differ in their output, length or clock; null is silence without a timeout. */
export function differ(
  wanted: TimedEdge | Timeout | null,
  seen: TimedEdge | Timeout | null,
  tolerance: number,
): boolean {
  return edgeDifference(wanted, seen, tolerance) !== null || runsOn(wanted, seen);
}

/** Whether a clock runs behind an edge that should have stopped it. */
function runsOn(wanted: TimedEdge | Timeout | null, seen: TimedEdge | Timeout | null): boolean {
  if (!wanted || !seen || endsSession(seen.output)) return false;
  return wanted.clock === 'stop' && (seen.clock === 'keep' || seen.clock === 'start');
}

/** The pairs in the order of the search, the initial one first. Closed states are not in it. */
export function pairedStates(
  expected: TimedMachine,
  observed: TimedMachine,
  tolerance: number,
): PairedState[] {
  const inputs = [...new Set([...expected.inputs, ...observed.inputs]), silence];
  const pairs = new Map<string, PairedState>();
  const add = (
    one: string | null,
    other: string | null,
    path: readonly string[],
    status: PairedState['status'] = null,
  ) => {
    const states = {
      expected: one === null ? null : stateNamed(expected, one),
      observed: other === null ? null : stateNamed(observed, other),
    };
    const key = JSON.stringify([one, other]);
    if (states.expected?.isClosed || states.observed?.isClosed || pairs.has(key)) return;
    pairs.set(key, { ...states, path, status });
  };
  const hasExpected = (name: string) =>
    [...pairs.values()].some((pair) => pair.expected?.name === name);
  const hasObserved = (name: string) =>
    [...pairs.values()].some((pair) => pair.observed?.name === name);

  add(expected.initial, observed.initial, []);
  const leftOver: (ComparedEdges & Pick<PairedState, 'path'>)[] = [];
  const walked = new Set<PairedState>();
  const walk = () => {
    // New pairs are appended to the map that is being iterated: the search is breadth first.
    for (const pair of pairs.values()) {
      if (walked.has(pair)) continue;
      walked.add(pair);
      for (const input of inputs) {
        const edges = comparedEdges(pair, input, tolerance);
        const { wanted, seen } = edges;
        const path = [...pair.path, input];
        const goesOn = wanted && seen && (edges.status === 'agrees' || isSameAnswer(wanted, seen));
        if (goesOn) add(wanted.to, seen.to, path);
        else leftOver.push({ ...edges, path });
      }
    }
  };
  walk();
  // States behind another answer belong together only where nothing else says what they are.
  for (const { wanted, seen, path } of leftOver) {
    if (!wanted || !seen || hasExpected(wanted.to) || hasObserved(seen.to)) continue;
    add(wanted.to, seen.to, path);
    walk();
  }
  for (const { wanted, seen, path, status } of leftOver) {
    if (seen && !hasObserved(seen.to)) add(null, seen.to, path, 'different');
    if (wanted && !hasExpected(wanted.to))
      add(wanted.to, null, path, status === 'unseen' ? 'unseen' : 'missing');
    walk();
  }
  return [...pairs.values()];
}

/** Whether edges that differ in their time only lead to states that belong together. */
function isSameAnswer(wanted: TimedEdge, seen: TimedEdge): boolean {
  return wanted.output === seen.output || wanted.isFree === true;
}
