import { silence, type TimedEdge, type TimedMachine, type Timeout } from './timed-machine.js';

export interface DrawnEdge {
  readonly from: string;
  /** `silence` for a timeout. */
  readonly input: string;
  readonly edge: TimedEdge | Timeout;
}

/** The edges of a machine in the order of its states, the timeout of a state last. */
export function drawnEdges({ states }: TimedMachine): DrawnEdge[] {
  return states.flatMap(({ name: from, edges, timeout }) => [
    ...Object.entries(edges).map(([input, edge]) => ({ from, input, edge })),
    ...(timeout ? [{ from, input: silence, edge: timeout }] : []),
  ]);
}

/** Short ids of states that every format takes: s0, s1 ... */
export function stateIds({ states }: TimedMachine): (name: string) => string {
  const ids = new Map(states.map(({ name }, index) => [name, `s${index}`]));
  return (name) => ids.get(name) ?? 'unknown';
}

/** How long a timeout lasts, in words; empty for an edge of an input. */
export function lengthText(edge: TimedEdge | Timeout): string {
  if (!('length' in edge)) return '';
  return edge.length === null ? ' after some time' : ` after ${edge.length} ms`;
}
