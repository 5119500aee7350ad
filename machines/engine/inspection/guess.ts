/** The transitions that an actor has probably taken: from its states before and after an event. */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { leavesOf, type MachineParts } from '../coverage/machine-parts.js';
import { isWithin } from '../table/edges.js';

/**
 * For each state without inner states, from the innermost state outwards, the first transition for the event that fits the states
 * afterwards. Guards are not known. Transitions that follow without an event (`always`, `raise`) are not guessed.
 */
export function guessedTransitions(
  parts: MachineParts,
  before: readonly AnyStateNode[],
  event: string,
  after: readonly AnyStateNode[],
): readonly string[] {
  const step = { before: new Set(before), after: new Set(after) };
  const found = new Set<AnyTransitionDefinition>();
  for (const leaf of leavesOf(before)) {
    const taken = takenFrom(parts, leaf, event, step);
    if (taken) found.add(taken);
  }
  return [...found].flatMap((one) => parts.ids.get(one) ?? []);
}

interface Step {
  readonly before: ReadonlySet<AnyStateNode>;
  readonly after: ReadonlySet<AnyStateNode>;
}

function takenFrom(
  parts: MachineParts,
  leaf: AnyStateNode,
  event: string,
  step: Step,
): AnyTransitionDefinition | null {
  let first: AnyTransitionDefinition | null = null;
  for (let node: AnyStateNode | undefined = leaf; node; node = node.parent) {
    for (const one of parts.candidates(node, event)) {
      if (fits(one, step)) return one;
      first ??= one;
      // Without a guard it is taken in any case; another transition followed it.
      if (one.guard === undefined) return one;
    }
  }
  return isSame(step) ? null : first;
}

function fits({ source, target }: AnyTransitionDefinition, { before, after }: Step): boolean {
  if (target?.length) return target.every((node) => after.has(node));
  // Without a target no state within its source changes.
  const within = (nodes: ReadonlySet<AnyStateNode>) =>
    [...nodes].filter((node) => isWithin(node, source));
  return after.has(source) && within(before).every((node) => after.has(node));
}

function isSame({ before, after }: Step): boolean {
  return before.size === after.size && [...before].every((node) => after.has(node));
}
