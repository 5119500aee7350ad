/** The transitions of a machine object as diagrams show them. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { identifiedTransitions, stateNodesOf } from '../table/edges.js';
import { actionName, actorName, guardName } from './names.js';

export interface DiagramTransition {
  /** The id of the `Edge`. */
  readonly id: string;
  readonly source: AnyStateNode;
  /** Empty when the transition names no target: no state is left or entered. */
  readonly targets: readonly AnyStateNode[];
  /** The type of the event in XState; empty when none is needed. */
  readonly eventType: string;
  /** As people write it: `GO`, `after 300 ms`, `after pause`, `done load`, `always`. */
  readonly event: string;
  readonly isTimer: boolean;
  readonly guard: unknown;
  readonly actions: readonly unknown[];
  /** With a target inside of the source: whether the source is left and entered again. */
  readonly reenter: boolean;
}

/** Every transition of a machine, in document order. */
export function diagramTransitions(machine: AnyStateMachine): DiagramTransition[] {
  return identifiedTransitions(machine).map(({ id, event, timer, node, transition }) => ({
    id,
    source: node,
    targets: transition.target ?? [],
    eventType: transition.eventType,
    event: timer ? `after ${delayText(event)}` : eventText(transition.eventType, node),
    isTimer: timer,
    guard: transition.guard,
    actions: transition.actions,
    reenter: transition.reenter,
  }));
}

/** `EVENT [guard] / action, action`, as in UML. */
export function labelOf({ event, guard, actions }: DiagramTransition): string {
  const condition = guard === undefined ? '' : ` [${guardName(guard)}]`;
  const effects = actions.length === 0 ? '' : ` / ${actions.map(actionName).join(', ')}`;
  return `${event}${condition}${effects}`;
}

/** What a state does while it is active, as in UML: `entry / note`, `exit / leave`, `invoke / load`. */
export function activitiesOf(node: AnyStateNode, invoked: readonly string[]): string[] {
  const line = (name: string, what: readonly string[]) =>
    what.length === 0 ? [] : [`${name} / ${what.join(', ')}`];
  return [
    ...line('entry', ownActions(node.entry).map(actionName)),
    ...line('invoke', invoked),
    ...line('exit', ownActions(node.exit).map(actionName)),
  ];
}

/** The actions of a state without those that XState adds for its timers. */
export function ownActions(actions: readonly unknown[]): unknown[] {
  return actions.filter((action) => {
    const { type, event, sendId } = Object(action) as Record<string, unknown>;
    const timer = type === 'xstate.raise' ? (Object(event) as { type?: unknown }).type : sendId;
    return !String(timer).startsWith('xstate.after.');
  });
}

/** The delay of a timer: milliseconds, or a name. */
function delayText(delay: string): string {
  return /^\d+$/.test(delay) ? `${delay} ms` : delay;
}

function eventText(type: string, node: AnyStateNode): string {
  if (type === '') return 'always';
  if (type.startsWith('xstate.done.state.')) return 'done';
  const [, kind, actor] = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.+)$/.exec(type) ?? [];
  return actor === undefined || kind === undefined
    ? type
    : `${kind.replace('.actor', '')} ${actorName(node, actor)}`;
}

/** The states that a history state enters when there is nothing to remember. */
export function historyDefaults(history: AnyStateNode): readonly AnyStateNode[] {
  const { parent, machine } = history;
  const { target } = history.config as { target?: string | readonly string[] };
  if (!parent) return [];
  if (target === undefined) {
    return parent.type === 'parallel' ? [parent] : (parent.initial?.target ?? []);
  }
  return [target].flat().map((path) => {
    if (path.startsWith('#')) return machine.getStateNodeById(path);
    let at: AnyStateNode = parent;
    for (const key of path.replace(/^\./, '').split('.')) at = at.states[key] ?? at;
    return at;
  });
}

/** The arrows from history states to their default states, where a machine names one. */
export function historyArrows(
  machine: AnyStateMachine,
): { source: AnyStateNode; targets: readonly AnyStateNode[]; label: string }[] {
  return stateNodesOf(machine.root)
    .filter(({ type, config }) => type === 'history' && 'target' in config && config.target)
    .map((source) => ({ source, targets: historyDefaults(source), label: 'default' }));
}
