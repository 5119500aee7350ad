/** What coverage needs to know of a machine object while its actors run. */
import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
} from 'xstate';
import { identifiedTransitions, stateNodesOf } from '../table/edges.js';

/** The name of a state: its path, e.g. `on.loud`. */
export function stateName({ path, key }: AnyStateNode): string {
  return path.join('.') || key;
}

/** The states without inner states: what a session is in. In parallel regions it is in several. */
export function leavesOf(nodes: readonly AnyStateNode[]): AnyStateNode[] {
  return nodes.filter(({ type }) => type === 'atomic' || type === 'final');
}

/** The leaves of a snapshot. */
export function leavesIn(snapshot: AnyMachineSnapshot): AnyStateNode[] {
  return leavesOf(snapshot._nodes);
}

/** The parts of one machine object. `provide` makes a new one, with equal ids. */
export class MachineParts {
  readonly ids: ReadonlyMap<AnyTransitionDefinition, string>;
  readonly hasGuards: boolean;
  readonly #machine: AnyStateMachine;

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    const transitions = identifiedTransitions(machine);
    this.ids = new Map(transitions.map(({ transition, id }) => [transition, id]));
    this.hasGuards = transitions.some(({ transition }) => transition.guard !== undefined);
  }

  /** The leaves in which a new session is before any transition. */
  get initialLeaves(): AnyStateNode[] {
    return leavesOf(initialNodes(this.#machine.root));
  }

  /** The transitions of a state that may take an event, in the order in which XState tries them. */
  candidates(node: AnyStateNode, event: string): readonly AnyTransitionDefinition[] {
    const wildcards = [...node.transitions.keys()]
      .filter((descriptor) => descriptor !== event && isWildcardFor(descriptor, event))
      .sort((one, other) => other.length - one.length);
    return [event, ...wildcards].flatMap((descriptor) => node.transitions.get(descriptor) ?? []);
  }
}

/** The state nodes with guarded transitions. */
export function guardedTransitions(machine: AnyStateMachine) {
  return identifiedTransitions(machine).filter(({ transition }) => transition.guard !== undefined);
}

/** The states of a machine that can be covered, by name, in document order. */
export function stateNamesOf({ root }: AnyStateMachine): string[] {
  return leavesOf(stateNodesOf(root)).map(stateName);
}

/** A state and the inner states that are entered with it by default. */
export function initialNodes(node: AnyStateNode): AnyStateNode[] {
  const inner =
    node.type === 'parallel' ? Object.values(node.states) : [...(node.initial?.target ?? [])];
  return [node, ...inner.flatMap(initialNodes)];
}

function isWildcardFor(descriptor: string, event: string): boolean {
  if (descriptor === '*') return true;
  const beginning = descriptor.slice(0, -2);
  return descriptor.endsWith('.*') && (event === beginning || event.startsWith(`${beginning}.`));
}
