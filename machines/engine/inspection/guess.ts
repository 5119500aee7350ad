/** The transitions that an actor has probably taken: from its states before and after an event. */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { initialNodes, leavesOf, type MachineParts } from '../coverage/machine-parts.js';
import { isWithin } from '../table/edges.js';

/** Maximum number of transitions that follow another one without an event. */
const longestChain = 5;

/**
 * For each state without inner states, from the innermost state outwards, the first transition for the event that fits the states
 * afterwards, and those that follow without an event (`always`, `onDone`). Guards are not known. Transitions of raised events are not guessed.
 */
export function guessedTransitions(
  parts: MachineParts,
  before: readonly AnyStateNode[],
  event: string,
  after: readonly AnyStateNode[],
): readonly string[] {
  // A wildcard does not take it.
  if (event === 'xstate.stop') return [];
  const step = { before: new Set(before), after: new Set(after) };
  const found = new Set<AnyTransitionDefinition>();
  for (const leaf of leavesOf(before)) {
    for (const one of takenFrom(parts, leaf, event, step)) found.add(one);
  }
  if (![...found].some((one) => fits(one, step))) {
    // Regions that took no transition, and were left by one that followed.
    for (const leaf of leavesOf(before)) {
      for (const one of followers(parts, leaf, step) ?? []) found.add(one);
    }
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
): readonly AnyTransitionDefinition[] {
  let first: AnyTransitionDefinition | null = null;
  for (let node: AnyStateNode | undefined = leaf; node; node = node.parent) {
    for (const one of parts.candidates(node, event)) {
      if (fits(one, step)) return [one];
      const followed = followersOf(parts, one, leaf, step);
      if (followed) return [one, ...followed];
      first ??= one;
      // Without a guard it is taken in any case; another transition followed it.
      if (one.guard === undefined) return [one];
    }
  }
  return first === null || isSame(step) ? [] : [first];
}

function fits({ source, target }: AnyTransitionDefinition, { before, after }: Step): boolean {
  if (target?.length) return target.every((node) => after.has(node));
  // Without a target no state within its source changes.
  const within = (nodes: ReadonlySet<AnyStateNode>) =>
    [...nodes].filter((node) => isWithin(node, source));
  return after.has(source) && within(before).every((node) => after.has(node));
}

/** The transitions that follow one without an event and end in the states afterwards; null when there are none. */
function followersOf(
  parts: MachineParts,
  { target }: AnyTransitionDefinition,
  leaf: AnyStateNode,
  step: Step,
  length = longestChain,
): readonly AnyTransitionDefinition[] | null {
  const leaves = target?.length ? leavesOf(target.flatMap(initialNodes)) : [leaf];
  const chains = leaves
    .filter((one) => !step.after.has(one))
    .map((one) => followers(parts, one, step, length));
  return chains.length > 0 && chains.every((chain) => chain !== null) ? chains.flat() : null;
}

/** The same for a state that is entered and left. */
function followers(
  parts: MachineParts,
  leaf: AnyStateNode,
  step: Step,
  length = longestChain,
): readonly AnyTransitionDefinition[] | null {
  if (length === 0 || step.after.has(leaf)) return null;
  for (let node: AnyStateNode | undefined = leaf; node; node = node.parent) {
    for (const one of withoutEvent(node, leaf)) {
      if (!one.target?.length) continue;
      if (fits(one, step)) return [one];
      const followed = followersOf(parts, one, leaf, step, length - 1);
      if (followed) return [one, ...followed];
    }
  }
  return null;
}

/** The transitions of a state that need no event, when an inner state is entered. */
function withoutEvent(node: AnyStateNode, leaf: AnyStateNode): readonly AnyTransitionDefinition[] {
  const done = node.transitions.get(`xstate.done.state.${node.id}`) ?? [];
  return [...(leaf.type === 'final' ? done : []), ...(node.always ?? [])];
}

function isSame({ before, after }: Step): boolean {
  return before.size === after.size && [...before].every((node) => after.has(node));
}
