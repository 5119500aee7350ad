/** What the text formats of diagrams share: names for states, their lines, and whether the outermost state needs a box. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { stateNodesOf } from '../table/edges.js';
import { invokedNames } from './names.js';
import { activitiesOf, type DiagramTransition, labelOf } from './transitions.js';

/**
 * A unique name for each state, from its path. The outermost state has the id of the machine.
 * @param wordOf the name that the format allows for a text
 */
export function wordsOf(
  machine: AnyStateMachine,
  wordOf: (text: string) => string,
): ReadonlyMap<AnyStateNode, string> {
  const taken = new Set<string>();
  const named = stateNodesOf(machine.root).map((node) => {
    const word = wordOf(node.path.length === 0 ? node.key : node.path.join('.'));
    let unique = word;
    for (let copy = 2; taken.has(unique); copy += 1) unique = `${word}_${copy}`;
    taken.add(unique);
    return [node, unique] as const;
  });
  return new Map(named);
}

/**
 * Whether the outermost state itself is drawn: it does more than contain the others.
 * @param ends the states at which arrows begin and end
 */
export function drawsRoot({ root }: AnyStateMachine, ends: readonly AnyStateNode[]): boolean {
  return root.type !== 'compound' || ends.includes(root);
}

/** `H` and `H*` for history states, as in UML; null for other states. */
export function historyMark({ type, history }: AnyStateNode): 'H' | 'H*' | null {
  if (type !== 'history') return null;
  return history === 'deep' ? 'H*' : 'H';
}

/** The lines of text in a state: what it does on entry and exit, its actors, and its transitions without a target. */
export function linesOf(
  transitions: readonly DiagramTransition[],
): (node: AnyStateNode) => readonly string[] {
  return (node) => [
    ...activitiesOf(node, invokedNames(node)),
    ...transitions
      .filter(({ source, targets }) => source === node && targets.length === 0)
      .map(labelOf),
  ];
}
