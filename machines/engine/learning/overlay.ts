/** The machine of a figure with an observed one on it: plain data for a drawing. */
import { isObserved } from './differences.js';
import {
  comparedEdges,
  differ,
  type EdgeStatus,
  type PairedState,
  pairedStates,
} from './overlay-states.js';
import {
  closedNameOf,
  edgeOf,
  silence,
  stateNamed,
  type TimedEdge,
  type TimedMachine,
  type Timeout,
} from './timed-machine.js';

export type { EdgeStatus } from './overlay-states.js';

export interface OverlayState {
  /** s0, s1 ...; s0 is the initial state. */
  readonly id: string;
  /** The name in each machine; null in a machine that has no such state. */
  readonly expected: string | null;
  readonly observed: string | null;
  readonly isClosed: boolean;
  /** Null for a state that both machines have. */
  readonly status: PairedState['status'];
}

export interface OverlayEdge {
  /** Unique in the overlay. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** `silence` for a timeout. */
  readonly input: string;
  /** `agrees`: both have it, or only one of them knows the input; `missing`: the server does something else; `different`: it does this instead, or in
   * addition; `unseen`: not observed. */
  readonly status: EdgeStatus;
  /** The observed edge; where it is missing or unseen, the expected one. */
  readonly edge: TimedEdge | Timeout;
  /** The inputs of a shortest session that takes it. */
  readonly witness: readonly string[];
}

export interface Overlay {
  readonly states: readonly OverlayState[];
  readonly edges: readonly OverlayEdge[];
}

/**
 * Merges two machines. States that sessions reach with the same outputs belong together. Closed states are one state.
 * @param tolerance milliseconds by which equal lengths may differ
 */
export function overlayOf(
  expected: TimedMachine,
  observed: TimedMachine,
  tolerance: number,
): Overlay {
  const pairs = pairedStates(expected, observed, tolerance);
  const inputs = [...new Set([...expected.inputs, ...observed.inputs]), silence];
  const targetsOf = targetFinder(expected, observed, pairs);
  const edges = pairs.flatMap((pair, index) =>
    inputs.flatMap((input): OverlayEdge[] => {
      const { wanted, seen, status } = comparedEdges(pair, input, tolerance);
      const to = targetsOf(wanted, seen);
      const drawn = (edge: TimedEdge | Timeout | null, target: string, shown: EdgeStatus) => {
        if (!edge) return [];
        const from = `s${index}`;
        const id = `${from} ${input} ${shown}`;
        return [
          { id, from, to: target, input, status: shown, edge, witness: [...pair.path, input] },
        ];
      };
      if (status === 'unseen') return drawn(wanted, to.wanted, status);
      if (status === 'differs') {
        return [...drawn(wanted, to.wanted, 'missing'), ...drawn(seen, to.seen, 'different')];
      }
      const own = pair.status ?? 'agrees';
      return seen ? drawn(seen, to.seen, own) : drawn(wanted, to.wanted, own);
    }),
  );
  const states = pairs.map(
    ({ expected: one, observed: other, status }, index): OverlayState => ({
      id: `s${index}`,
      expected: one?.name ?? null,
      observed: other?.name ?? null,
      isClosed: false,
      status,
    }),
  );
  const id = closedId(pairs);
  const isClosing = edges.some(({ to }) => to === id);
  return {
    states: [...states, ...(isClosing ? [closedState(expected, observed, id)] : [])],
    edges,
  };
}

function closedId(pairs: readonly PairedState[]): string {
  return `s${pairs.length}`;
}

function closedState(expected: TimedMachine, observed: TimedMachine, id: string): OverlayState {
  const names = { expected: closedNameOf(expected), observed: closedNameOf(observed) };
  return { id, ...names, isClosed: true, status: null };
}

/** A function that finds the states that two edges lead to: one state where their targets belong together. */
function targetFinder(
  expected: TimedMachine,
  observed: TimedMachine,
  pairs: readonly PairedState[],
) {
  const alone = (machine: TimedMachine, side: 'expected' | 'observed', edge: TimedEdge | null) => {
    if (!edge || stateNamed(machine, edge.to).isClosed) return closedId(pairs);
    return `s${pairs.findIndex((pair) => pair[side]?.name === edge.to)}`;
  };
  return (wanted: TimedEdge | null, seen: TimedEdge | null) => {
    const both = pairs.findIndex(
      (pair) => pair.expected?.name === wanted?.to && pair.observed?.name === seen?.to,
    );
    if (wanted && seen && both !== -1) return { wanted: `s${both}`, seen: `s${both}` };
    return {
      wanted: alone(expected, 'expected', wanted),
      seen: alone(observed, 'observed', seen),
    };
  };
}

/** The index of the first rung in which two machines differ; the last one when they do not. */
export function differingRung(
  expected: readonly SessionRung[],
  observed: readonly SessionRung[],
  tolerance: number,
): number {
  const length = Math.min(expected.length, observed.length);
  const index = expected
    .slice(0, length)
    .findIndex(({ edge }, at) => differ(edge, observed[at]?.edge ?? null, tolerance));
  return index === -1 ? length - 1 : index;
}

/** What a machine does at each input of a session. */
export interface SessionRung {
  readonly input: string;
  /** Null when nothing happens, and when the machine does not show it. */
  readonly edge: TimedEdge | Timeout | null;
  readonly isKnown: boolean;
}

/** Walks a machine. It ends behind an input that the machine does not show, and at the end of the connection. */
export function rungsOf(machine: TimedMachine, inputs: readonly string[]): SessionRung[] {
  const rungs: SessionRung[] = [];
  let state = stateNamed(machine, machine.initial);
  for (const input of inputs) {
    if (state.isClosed) break;
    const edge = edgeOf(state, input);
    const isKnown = edge !== null || isObserved(state, input);
    rungs.push({ input, edge, isKnown });
    if (!isKnown) break;
    if (edge) state = stateNamed(machine, edge.to);
  }
  return rungs;
}
