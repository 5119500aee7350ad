/** What the machine of a definition has: for counts and timers. */
import type { AnyStateMachine } from 'xstate';
import { leavesOf } from '../coverage/machine-parts.js';
import { identifiedTransitions, stateNodesOf } from '../table/edges.js';

export interface DefinitionParts {
  /** Ids of transitions. */
  readonly transitions: readonly string[];
  /** Ids of the states without inner states. */
  readonly states: readonly string[];
  readonly delays: readonly DefinitionDelay[];
}

/** A timer that runs while a state is active. */
export interface DefinitionDelay {
  /** Id of the state. */
  readonly state: string;
  /** Milliseconds as text, or the name of the delay. */
  readonly name: string;
  /** Null for a named delay: the app does not send how long it is. */
  readonly milliseconds: number | null;
}

export function definitionParts(machine: AnyStateMachine): DefinitionParts {
  const transitions = identifiedTransitions(machine);
  const delays = new Map<string, DefinitionDelay>();
  for (const { timer, event: name, node } of transitions) {
    if (!timer) continue;
    const milliseconds = /^\d+$/.test(name) ? Number(name) : null;
    delays.set(`${node.id}\n${name}`, { state: node.id, name, milliseconds });
  }
  return {
    transitions: transitions.map(({ id }) => id),
    states: leavesOf(stateNodesOf(machine.root)).map(({ id }) => id),
    delays: [...delays.values()],
  };
}
