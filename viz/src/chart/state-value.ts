/** State values of XState on the chart and as text. */
import type { ChartState } from '../../layout/tree.js';

/** Ids of the active states of a state value, including the outermost. */
export function activeStates(root: ChartState, value: unknown): Set<string> {
  const active = new Set<string>();
  const enter = (state: ChartState, inner: unknown) => {
    active.add(state.id);
    for (const child of state.children) {
      if (inner === child.key) enter(child, undefined);
      else if (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, child.key)) {
        enter(child, (inner as Record<string, unknown>)[child.key]);
      }
    }
  };
  enter(root, value);
  return active;
}

/** `activeStates` for many values of one chart: most events lead to one of a few values. */
export function statesReader(root: ChartState): (value: unknown) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (value) => {
    const key = JSON.stringify(value) ?? '';
    let states = known.get(key);
    if (!states) {
      states = activeStates(root, value);
      known.set(key, states);
    }
    return states;
  };
}

/** A state value on one line: `connected.registered`, with a plus between regions. */
export function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const parts = Object.entries(value).map(([key, inner]) => {
    const text = valueText(inner);
    return text === '' ? key : `${key}.${text}`;
  });
  return parts.length > 1 ? `(${parts.join(' + ')})` : parts.join('');
}

/** The innermost states of a state value on one line: `awaiting + rejection`. */
export function innermostText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const parts = Object.entries(value).map(([key, inner]) => innermostText(inner) || key);
  return parts.join(' + ');
}
