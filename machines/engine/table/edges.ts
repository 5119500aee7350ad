/** The transitions of a chart, read from the machine object. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** One transition of a chart. */
export interface Edge {
  /** Stable: the key of the source state, a colon, the event or the name of the delay. See `identifiedTransitions`. */
  readonly id: string;
  /** Id of the source state in the machine. */
  readonly source: string;
  /** Id of the target state; the source's id when the transition stays. */
  readonly target: string;
  /** The event's name, the delay's name when `timer`, or `always`. */
  readonly event: string;
  readonly timer: boolean;
  /** True when the transition names no target: no state is left or entered. */
  readonly stays: boolean;
  /** The names of its actions, in order. An inline action has the name of its function. */
  readonly actions: readonly string[];
  readonly description: string;
  /** As the machine has it; the protocol knows its type. */
  readonly meta: unknown;
}

/** A transition of a machine object with its id. */
export interface IdentifiedTransition {
  readonly id: string;
  readonly event: string;
  readonly timer: boolean;
  readonly node: AnyStateNode;
  readonly transition: AnyTransitionDefinition;
}

const afterEvent = /^xstate\.after\.(.+?)\./;

/** Every state of a chart, parents before children, in document order. */
export function stateNodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(stateNodesOf)];
}

/** The states above a state, the nearest first. */
export function ancestorsOf({ parent }: AnyStateNode): AnyStateNode[] {
  return parent ? [parent, ...ancestorsOf(parent)] : [];
}

/** Whether a state is another one, or inside of it. */
export function isWithin(node: AnyStateNode, outer: AnyStateNode): boolean {
  return node === outer || ancestorsOf(node).includes(outer);
}

/**
 * Every transition of a chart with its id, in document order. Where several states with transitions have the same key, their ids begin
 * with the path of the state. Several transitions of one state for the same event (they have guards) are numbered: `open:PUSH`, `open:PUSH (2)`.
 */
export function identifiedTransitions(machine: AnyStateMachine): IdentifiedTransition[] {
  const nodes = stateNodesOf(machine.root).filter((node) => transitionsOf(node).length > 0);
  const uses = new Map<string, number>();
  for (const { key } of nodes) uses.set(key, (uses.get(key) ?? 0) + 1);
  return nodes.flatMap((node) => {
    const key = uses.get(node.key) === 1 ? node.key : node.path.join('.') || node.key;
    const counts = new Map<string, number>();
    return transitionsOf(node).map((transition) => {
      const delay = afterEvent.exec(transition.eventType)?.[1];
      const event = delay ?? (transition.eventType || 'always');
      const id = `${key}:${event}`;
      const count = (counts.get(id) ?? 0) + 1;
      counts.set(id, count);
      const numbered = count === 1 ? id : `${id} (${count})`;
      return { id: numbered, event, timer: delay !== undefined, node, transition };
    });
  });
}

/** The transitions of one state: those for its events and delays, then those that need no event. */
export function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

/** Every transition of a chart, in document order. */
export function edgesOf(machine: AnyStateMachine): Edge[] {
  return identifiedTransitions(machine).map(({ id, event, timer, node, transition }) => {
    const target = transition.target?.[0];
    const { description, meta } = transition as { description?: string; meta?: unknown };
    return {
      id,
      source: node.id,
      target: target?.id ?? node.id,
      event,
      timer,
      stays: target === undefined,
      actions: transition.actions.map(actionName),
      description: description ?? '',
      meta,
    };
  });
}

function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  if (typeof action === 'function') return action.name;
  return (action as { type?: string }).type ?? '';
}
