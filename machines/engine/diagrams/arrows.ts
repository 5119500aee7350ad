/** Arrows between states, and where they end in formats that cannot draw each of them. */
import type { AnyStateNode } from 'xstate';

export interface StateArrow {
  readonly source: AnyStateNode;
  /** Several for a transition into several regions. */
  readonly targets: readonly AnyStateNode[];
  readonly label: string;
}

export interface LiftedArrow {
  /** The state in which the arrow is drawn; null for the outermost state itself. */
  readonly inside: AnyStateNode | null;
  readonly from: AnyStateNode;
  readonly to: AnyStateNode;
  /** With the states that the arrow really leads from and to in brackets. */
  readonly label: string;
}

/** The arrow between two children of one state, so that it crosses no border. */
export function lifted(arrow: StateArrow): LiftedArrow {
  const { source, targets } = arrow;
  const [first = [], ...others] = [source, ...targets].map(ancestry);
  let fork = 0;
  while (first[fork] && others.every((other) => other[fork] === first[fork])) fork += 1;
  // When one state contains the other, the arrow goes from the outer one to itself. So does an arrow into several states of one.
  if (!first[fork] || others.some((other) => other[fork] !== others[0]?.[fork])) fork -= 1;
  if (others.some((other) => !other[fork])) fork -= 1;
  const [from, to] = [first[fork] ?? source, others[0]?.[fork] ?? source];
  return { inside: first[fork - 1] ?? null, from, to, label: labelBetween(arrow, from, to) };
}

/** The arrow as it is, unless it would cross the border of a region: then it begins or ends at the parallel state. */
export function outsideRegions(arrow: StateArrow): LiftedArrow {
  const { source, targets } = arrow;
  const { inside, from, to } = lifted(arrow);
  if (targets.length > 1 || inside?.type === 'parallel') return lifted(arrow);
  const [target = source] = targets;
  const [start, end] = [beside(source, from), beside(target, to)];
  return { inside, from: start, to: end, label: labelBetween(arrow, start, end) };
}

/** The outermost parallel state from `outer` to `node` that is not `node`; `node` when there is none. */
function beside(node: AnyStateNode, outer: AnyStateNode): AnyStateNode {
  const way = ancestry(node).slice(ancestry(outer).length - 1);
  return way.find(({ type }) => type === 'parallel') ?? node;
}

function labelBetween(
  { source, targets, label }: StateArrow,
  from: AnyStateNode,
  to: AnyStateNode,
): string {
  const origin = from === source ? '' : source.key;
  const isExact = targets.every((target) => target === to);
  const goal = isExact ? '' : `to ${targets.map((target) => pathFrom(to, target)).join(' and ')}`;
  const detail = [origin, goal].filter((text) => text !== '').join(' ');
  return detail === '' ? label : `${label} (${detail})`;
}

/** A state with its ancestors, the root first. */
function ancestry(node: AnyStateNode): AnyStateNode[] {
  return node.parent ? [...ancestry(node.parent), node] : [node];
}

function pathFrom(outer: AnyStateNode, inner: AnyStateNode): string {
  return inner.path.slice(outer.path.length).join('.') || inner.key;
}

/** The child of a state that is or contains another state. */
export function childTowards(parent: AnyStateNode, inner: AnyStateNode): AnyStateNode {
  return ancestry(inner)[parent.path.length + 1] ?? inner;
}
