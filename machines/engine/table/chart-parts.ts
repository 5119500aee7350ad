/** What the explorer reads from a chart before it starts: its timers, its events and its guards. */
import type { AnyStateNode, EventObject } from 'xstate';
import { transitionsOf } from './edges.js';

const after = /^xstate\.after\.(.+?)\.(.+)$/;
const outcome = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.+)$/;

/** An event for each event type in a chart, including the outcomes of its actors. */
export function plainEvents(types: readonly string[]): Record<string, EventObject> {
  const named = types.filter((type) => !type.startsWith('xstate.'));
  const outcomes = types.filter((type) => outcome.test(type));
  return Object.fromEntries(
    [...named, ...outcomes].map((type) => [type, { type: matching(type, types) }]),
  );
}

/** The type of an event that a descriptor takes: for `*` and `mouse.*` one that no other descriptor takes. */
function matching(descriptor: string, all: readonly string[]): string {
  if (!descriptor.endsWith('*')) return descriptor;
  const beginning = descriptor.slice(0, -1);
  let word = 'another';
  while (all.some((type) => type.startsWith(`${beginning}${word}`))) word += '-one';
  return `${beginning}${word}`;
}

/** The actor whose outcome an event is, and whether it has ended; null for other events. */
export function outcomeOf({ type }: EventObject): { actor: string; ends: boolean } | null {
  const [, kind, actor] = outcome.exec(type) ?? [];
  return actor === undefined ? null : { actor, ends: kind !== 'snapshot' };
}

/**
 * The timers, by the type of the event that XState raises for each. A timer has the name of its delay. The id of the state is added
 * where several states have the same delay, or an event has that name.
 */
export function timersOf(
  nodes: readonly AnyStateNode[],
  events: ReadonlyMap<string, EventObject>,
): Map<string, string> {
  const types = nodes
    .flatMap((node) => [...node.transitions.keys()])
    .filter((type) => after.test(type));
  const delays = types.map((type) => after.exec(type)?.[1]);
  return new Map(
    types.map((type) => {
      const [, delay = '', state = ''] = after.exec(type) ?? [];
      const isAlone = delays.filter((other) => other === delay).length === 1;
      return [type, isAlone && !events.has(delay) ? delay : `${delay} in ${state}`];
    }),
  );
}

/** The delays that have a name and no implementation, as `name (state)`. XState takes such a transition at once. */
export function missingDelays(nodes: readonly AnyStateNode[]): string[] {
  return nodes.flatMap((node) =>
    [...node.transitions.keys()].flatMap((type) => {
      const [, delay = ''] = after.exec(type) ?? [];
      const isKnown = /^\d*$/.test(delay) || delay in node.machine.implementations.delays;
      return isKnown ? [] : [`${delay} (state ${node.key})`];
    }),
  );
}

/** The guards of a state, as `name (state, event)`. */
export function guardsOf(node: AnyStateNode): string[] {
  return transitionsOf(node).flatMap(({ guard, eventType }) => {
    if (guard === undefined) return [];
    const name = typeof guard === 'object' ? guard.type : typeof guard === 'string' ? guard : '';
    return `${name || 'an inline guard'} (state ${node.key}, ${eventType || 'always'})`;
  });
}

/** Whether a state has functions that are called while it is explored: their results may differ each time. */
export function callsFunctions(node: AnyStateNode): boolean {
  const { actions: named, delays } = node.machine.implementations;
  const transitions = transitionsOf(node);
  if (transitions.some(({ guard }) => guard !== undefined) || node.output !== undefined)
    return true;
  if (Object.values(delays).some((delay) => typeof delay === 'function')) return true;
  const own = [node.entry, node.exit, node.initial?.actions ?? []];
  return [...own, ...transitions.map(({ actions }) => actions)].flat().some((action) => {
    const { type: name } = typeof action === 'string' ? { type: action } : (action as Parts);
    const parts = ((name !== undefined && named[name]) || action) as Parts;
    const { params } = action as Parts;
    return 'resolve' in Object(parts) || typeof params === 'function';
  });
}

interface Parts {
  readonly type?: string;
  readonly params?: unknown;
}
