/** Where two timed machines differ, each difference once with its shortest session. */
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

export interface Difference {
  /**
   * `output`: another output; `timeout`: a timeout that only one of them has; `length`: a timeout of another length; `clock`: an edge
   * starts the clock in one of them and keeps it in the other, or stops it in one and lets it run on in the other.
   */
  readonly kind: 'output' | 'timeout' | 'length' | 'clock';
  /** The states of the expected and of the observed machine before the input. */
  readonly expectedState: string;
  readonly observedState: string;
  readonly input: string;
  /** What each machine does, e.g. `EventError`, `closed after 400 ms`, `nothing` or `keep`. */
  readonly expected: string;
  readonly observed: string;
  /** The inputs of a shortest session that shows it, the differing one last. */
  readonly witness: readonly string[];
}

/**
 * Compares machines state by state. Inputs that one of the machines lacks, or that were not observed, are left out.
 * @param tolerance milliseconds by which equal lengths may differ
 * @returns shortest sessions first. The search does not go on behind a differing output.
 */
export function differencesOf(
  expected: TimedMachine,
  observed: TimedMachine,
  tolerance: number,
): Difference[] {
  const inputs = expected.inputs.filter((input) => observed.inputs.includes(input));
  const found = new Map<string, Difference>();
  const pairs = new Map<string, Pair>();
  const add = (one: string, other: string, witness: readonly string[]) => {
    const key = JSON.stringify([one, other]);
    if (!pairs.has(key)) {
      pairs.set(key, {
        one: stateNamed(expected, one),
        other: stateNamed(observed, other),
        witness,
      });
    }
  };
  add(expected.initial, observed.initial, []);
  // New pairs are appended to the map that is being iterated: the search is breadth first.
  for (const { one, other, witness } of pairs.values()) {
    if (one.isClosed || other.isClosed) continue;
    for (const input of [...inputs, silence]) {
      const [wanted, seen] = [edgeOf(one, input), edgeOf(other, input)];
      if (!isObserved(one, input) || !isObserved(other, input)) continue;
      const difference = edgeDifference(wanted, seen, tolerance);
      const path = [...witness, input];
      if (difference) {
        const key = [difference.kind, one.name, input, difference.observed].join(' ');
        const states = { expectedState: one.name, observedState: other.name };
        if (!found.has(key)) found.set(key, { ...difference, ...states, input, witness: path });
      }
      const goesOn = difference?.kind !== 'output' && difference?.kind !== 'timeout';
      if (goesOn && wanted && seen) add(wanted.to, seen.to, path);
    }
  }
  return [...found.values()];
}

/** Whether a state shows what it does at an input. */
export function isObserved(state: TimedState, input: string): boolean {
  return input === silence ? !state.isSilenceUnobserved : Object.hasOwn(state.edges, input);
}

interface Pair {
  readonly one: TimedState;
  readonly other: TimedState;
  readonly witness: readonly string[];
}

/** How two edges differ; null when they agree. Targets are not compared. @param tolerance milliseconds by which equal lengths may differ */
export function edgeDifference(
  wanted: TimedEdge | Timeout | null,
  seen: TimedEdge | Timeout | null,
  tolerance: number,
): Pick<Difference, 'kind' | 'expected' | 'observed'> | null {
  const differ = (kind: Difference['kind']) => ({
    kind,
    expected: edgeText(wanted),
    observed: edgeText(seen),
  });
  if (!wanted || !seen) return wanted || seen ? differ('timeout') : null;
  if (!isAllowed(wanted, seen.output) && !isAllowed(seen, wanted.output)) return differ('output');
  if ('length' in wanted && 'length' in seen && !areClose(wanted.length, seen.length, tolerance)) {
    return differ('length');
  }
  const clocks = [wanted.clock, seen.clock];
  if (clocks.includes('start') && clocks.includes('keep')) {
    return { kind: 'clock', expected: wanted.clock, observed: seen.clock };
  }
  return null;
}

function areClose(one: number | null, other: number | null, tolerance: number): boolean {
  return one === null || other === null || Math.abs(one - other) <= tolerance;
}

/** Whether an output is as good as the one of an expected edge. */
export function isAllowed(wanted: TimedEdge, output: string): boolean {
  if (output === wanted.output || wanted.allowed?.includes(output)) return true;
  return wanted.isFree === true && !endsSession(output);
}

/** What an edge does, in words; null is silence without a timeout. */
export function edgeText(edge: TimedEdge | Timeout | null): string {
  if (!edge) return 'nothing';
  const output = edge.output === '' ? 'nothing' : edge.output;
  if (!('length' in edge)) return output;
  return edge.length === null ? `${output} some time later` : `${output} after ${edge.length} ms`;
}
