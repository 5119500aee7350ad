/** A copy of a machine that reports which transitions it takes. */
import type { AnyStateMachine } from 'xstate';
import { identifiedTransitions } from './edges.js';

/** The type of the action that each transition of a marked machine ends with. Its params are `{ id }`, the id of the `Edge`. */
export const transitionMark = 'ixgate.transition';

/**
 * Appends to each transition an action that names it, because XState's pure `transition` returns the actions and not the transitions.
 * An action without an implementation changes nothing else.
 * @param machine a copy that the caller owns: its transitions are changed in place.
 */
export function markedTransitions(machine: AnyStateMachine): AnyStateMachine {
  for (const { id, transition } of identifiedTransitions(machine)) {
    const mark = { type: transitionMark, params: { id } };
    Object.assign(transition, { actions: [...transition.actions, mark] });
  }
  return machine;
}
