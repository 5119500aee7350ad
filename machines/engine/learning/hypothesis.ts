/** The machine that follows from what was observed. */
import { apart, type Witness } from './apartness.js';
import { clockOf } from './clock-origin.js';
import { type ObservationNode, waitOf } from './observation-tree.js';
import {
  type ClockEffect,
  closedOutput,
  edgeOf,
  silence,
  type TimedEdge,
  type TimedMachine,
  type TimedState,
} from './timed-machine.js';

export interface Hypothesis {
  readonly machine: TimedMachine;
  /** The node of each state that is not closed, by the state's name. */
  readonly access: ReadonlyMap<string, ObservationNode>;
}

/**
 * @param basis nodes that are pairwise apart, the root among them. Their order does not matter: states are numbered breadth-first, so
 * that two learnings of one system give the same names
 * @param isSettled whether enough was observed after a node to know its state and clock; edges to others are left out
 */
export function hypothesisOf(
  basis: readonly ObservationNode[],
  inputs: readonly string[],
  tolerance: number,
  isSettled: (node: ObservationNode) => boolean,
): Hypothesis {
  const ordered = breadthFirst(basis, inputs);
  const access = new Map(ordered.map((node, at) => [`s${at}`, node]));
  const nameOf = (node: ObservationNode) => {
    if (node.isClosed) return closedOutput;
    const at = ordered.findIndex((one) => one === node || !apart(one, node, tolerance));
    return at === -1 || !isSettled(node) ? null : `s${at}`;
  };
  const edgeTo = (node: ObservationNode | undefined): TimedEdge | null => {
    const to = node ? nameOf(node) : null;
    return node && to !== null
      ? { to, output: node.output, clock: effectOf(node, tolerance) }
      : null;
  };
  const states = [...access].map(([name, node]): TimedState => {
    const after = node.child(silence);
    const edges = inputs.flatMap((input) => {
      const edge = edgeTo(node.child(input));
      return edge ? [[input, edge] as const] : [];
    });
    const length = Math.round(clockOf(node, tolerance)?.length ?? shortestWait(after));
    const end = after?.output ? edgeTo(after) : null;
    const timeout = end && { ...end, length };
    const isUnobserved = !after || (after.output !== '' && !end);
    return {
      ...{ name, isClosed: false, timeout, edges: Object.fromEntries(edges) },
      ...(isUnobserved && { isSilenceUnobserved: true }),
    };
  });
  const isClosing = states.some((state) =>
    [silence, ...inputs].some((input) => edgeOf(state, input)?.to === closedOutput),
  );
  const end: TimedState = { name: closedOutput, isClosed: true, timeout: null, edges: {} };
  return {
    machine: { initial: 's0', inputs, states: isClosing ? [...states, end] : states },
    access,
  };
}

function breadthFirst(
  nodes: readonly ObservationNode[],
  inputs: readonly string[],
): readonly ObservationNode[] {
  const keyOf = ({ word }: ObservationNode) =>
    word.map((input) => (input === silence ? -1 : inputs.indexOf(input)));
  const compared = (one: readonly number[], other: readonly number[]) =>
    one.length - other.length ||
    one.reduce((order, index, at) => order || index - (other[at] ?? 0), 0);
  return nodes
    .map((node) => [keyOf(node), node] as const)
    .sort(([one], [other]) => compared(one, other))
    .map(([, node]) => node);
}

/** Until the clock is certain. */
function shortestWait(node: ObservationNode | undefined): number {
  return Math.min(...(node?.samples ?? []).map(waitOf), Number.MAX_SAFE_INTEGER);
}

/** What the last input of a node did to the clock. */
function effectOf(node: ObservationNode, tolerance: number): ClockEffect {
  const hadTimeout = hasTimeoutAfter(node.parent);
  if (node.isClosed || !hasTimeoutAfter(node)) return hadTimeout ? 'stop' : 'none';
  return (clockOf(node, tolerance)?.origin ?? node.depth) === node.depth ? 'start' : 'keep';
}

function hasTimeoutAfter(node: ObservationNode | null): boolean {
  return (node?.child(silence)?.output ?? '') !== '';
}

/** A node that cannot be the state that a hypothesis gives it. */
export interface Inconsistency {
  readonly node: ObservationNode;
  readonly state: string;
  readonly witness: Witness;
}

/**
 * The first node, in breadth-first order, that is apart from the state that the hypothesis gives it; null when all agree.
 * @param isLeftOut nodes that are not compared
 * @param path compares only the nodes of this word. @default all
 */
export function inconsistency(
  { machine, access }: Hypothesis,
  root: ObservationNode,
  tolerance: number,
  isLeftOut: (node: ObservationNode) => boolean,
  path?: readonly string[],
): Inconsistency | null {
  const states = new Map(machine.states.map((state) => [state.name, state]));
  const places: [ObservationNode, TimedState][] = [
    [root, states.get(machine.initial) as TimedState],
  ];
  for (const [node, state] of places) {
    const basis = access.get(state.name);
    if (!basis) continue;
    const isCompared = basis !== node && !isLeftOut(node);
    const witness = isCompared ? apart(node, basis, tolerance, 1) : null;
    if (witness) return { node, state: state.name, witness };
    for (const child of node.children) {
      const isOnPath = !path || path[node.depth] === child.input;
      if (child.isClosed || !isOnPath) continue;
      const edge = edgeOf(state, child.input);
      const next = edge ? states.get(edge.to) : state;
      if (next) places.push([child, next]);
    }
  }
  return null;
}
