/** What the explorer reads from a chart before it starts: its timers, its events, and which of its states depend on data. */
import type { AnyStateNode, EventObject } from 'xstate';
import { transitionsOf } from './edges.js';

const after = /^xstate\.after\.(.+?)\.(.+)$/;
const actorEvent = /^xstate\.(?:done|error)\.actor\./;

/** An event for each event type in a chart, including the outcomes of invoked actors. */
export function plainEvents(types: readonly string[]): Record<string, EventObject> {
  const named = types.filter((type) => !type.startsWith('xstate.') && !type.includes('*'));
  const outcomes = types.filter((type) => actorEvent.test(type));
  return Object.fromEntries([...named, ...outcomes].map((type) => [type, { type }]));
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

/** The guards of a state, as `name (state, event)`. */
export function guardsOf(node: AnyStateNode): string[] {
  return transitionsOf(node).flatMap(({ guard, eventType }) => {
    if (guard === undefined) return [];
    const name = typeof guard === 'object' ? guard.type : typeof guard === 'string' ? guard : '';
    return `${name || 'an inline guard'} (state ${node.key}, ${eventType || 'always'})`;
  });
}

/** Whether the effect of an action of a state depends on data. */
export function readsDataInActions(node: AnyStateNode): boolean {
  const { actions: named } = node.machine.implementations;
  const own = [node.entry, node.exit, node.initial?.actions ?? []];
  const actions = [...own, ...transitionsOf(node).map((one) => one.actions)].flat();
  return actions.some((action) => {
    const { type: name, params } = typeof action === 'string' ? { type: action } : parts(action);
    const { type, event, value, to } = parts((name && named[name]) || action);
    // Logging has no effect outside the program.
    if (type === 'xstate.log') return false;
    return (
      type === 'xstate.enqueueActions' ||
      [params, event, value, to].some((part) => typeof part === 'function')
    );
  });
}

function parts(action: unknown): Record<'params' | 'event' | 'value' | 'to', unknown> & {
  type?: string;
} {
  return action as never;
}
