/** Names for the states of a machine, and their history. */
import type { AnyMachineSnapshot, AnyStateNode, StateValue } from 'xstate';

/** The history of a snapshot, one text for each history state: snapshots with equal values may differ in it. */
export function historyOf(snapshot: AnyMachineSnapshot): string[] {
  const kept = (snapshot as { historyValue?: Record<string, AnyStateNode[]> }).historyValue ?? {};
  return Object.entries(kept).map(([id, nodes]) => `${id}=${nodes.map((node) => node.id).sort()}`);
}

/** The name of a snapshot: its value as a path, e.g. `connected.registered`. */
export function nameOfValue({ value }: AnyMachineSnapshot): string {
  return pathOf(value);
}

/** A state value as a path. */
export function pathOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  const parts = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : [isEmpty(inner) ? key : `${key}.${pathOf(inner)}`],
  );
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`;
}

function isEmpty(value: StateValue): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0;
}
