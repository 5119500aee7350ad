/** Which of the transitions that XState selects for an event it takes: those of parallel regions may exclude each other. */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { ancestorsOf, isWithin } from '../table/edges.js';

/**
 * The transitions that are taken, in order. A transition that would leave states which an earlier one leaves is dropped, as in SCXML.
 * An inspector gets all that were selected.
 */
export function executedOf(
  selected: readonly AnyTransitionDefinition[],
): readonly AnyTransitionDefinition[] {
  if (selected.length < 2) return selected;
  const taken: AnyTransitionDefinition[] = [];
  for (const one of selected) {
    if (!taken.some((other) => excludeEachOther(one, other))) taken.push(one);
  }
  return taken;
}

function excludeEachOther(one: AnyTransitionDefinition, other: AnyTransitionDefinition): boolean {
  if (!one.target?.length || !other.target?.length) return false;
  const [first, second] = [domainOf(one), domainOf(other)];
  return first === null || second === null || isWithin(first, second) || isWithin(second, first);
}

/** The state whose inner states a transition leaves; null for all states. */
function domainOf({ source, target = [], reenter }: AnyTransitionDefinition): AnyStateNode | null {
  if (!reenter && target.every((one) => isWithin(one, source))) return source;
  const [first = source, ...others] = target;
  const all = [...others, source];
  const common = (node: AnyStateNode) => all.every((one) => one !== node && isWithin(one, node));
  return ancestorsOf(first).find(common) ?? null;
}
