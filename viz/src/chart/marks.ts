/** Marks on a chart: active states, taken edges, selection. They work for any chart. */
import type { EdgeStatus } from '../../../machines/engine/learning/overlay.js';
import type { ChartLayout, PlacedState } from '../../layout/chart-layout.js';

/** The deadline of an active state. */
export interface Countdown {
  /** Id of the state. */
  readonly state: string;
  /** Milliseconds. */
  readonly left: number;
  /** Milliseconds; more than 0. */
  readonly total: number;
  /** Whether `left` counts down from now on. */
  readonly running: boolean;
}

export interface ChartMarks {
  /** Ids of active states. Their ancestors are active too and may be left out. */
  readonly active: ReadonlySet<string>;
  /** The edges of the last step, and a number that differs from step to step. */
  readonly taken: { readonly edges: readonly string[]; readonly seq: number } | null;
  /** How often each edge was taken; a missing edge was never taken. Null for no counts. */
  readonly counts: ReadonlyMap<string, number> | null;
  /** False when edges may have been taken more often than in `counts`. @default true */
  readonly countsAreComplete?: boolean | undefined;
  /**
   * For a coverage: how often each innermost state was visited. States and edges with a count of 0 are highlighted; those that are neither
   * here nor in `counts` do not count and are not marked. Null or missing for the marks of one session.
   */
  readonly visits?: ReadonlyMap<string, number> | null;
  /** Of states and edges by id, for two machines in one drawing. @default none */
  readonly statuses?: ReadonlyMap<string, EdgeStatus> | undefined;
  /** Ids of selected edges. */
  readonly selected: ReadonlySet<string>;
  readonly countdown: Countdown | null;
  /** Edges of a path through the chart, in order; null for none. */
  readonly path: readonly string[] | null;
}

/** The states and all their ancestors. */
export function withAncestors({ states }: ChartLayout, ids: ReadonlySet<string>): Set<string> {
  const parents = new Map(states.map(({ id, parent }) => [id, parent]));
  const all = new Set<string>();
  for (const id of ids)
    for (let state: string | null | undefined = id; state; state = parents.get(state)) {
      if (parents.has(state)) all.add(state);
    }
  return all;
}

/**
 * The positions of edges in a path: 1, 2, 3 ... One event takes a transition in each region, so consecutive edges with the same label in
 * different regions share a number.
 */
export function pathNumbers(layout: ChartLayout, path: readonly string[]): Map<string, number[]> {
  const edges = new Map(layout.edges.map((edge) => [edge.id, edge]));
  const numbers = new Map<string, number[]>();
  let number = 0;
  for (const [index, id] of path.entries()) {
    const edge = edges.get(id);
    const before = edges.get(path[index - 1] ?? '');
    const together =
      edge?.label === before?.label && apart(layout, before?.source ?? '', edge?.source ?? '');
    if (!together) number += 1;
    numbers.set(id, [...(numbers.get(id) ?? []), number]);
  }
  return numbers;
}

/** Whether the two states are in different regions of one parallel state. */
function apart(layout: ChartLayout, one: string, other: string): boolean {
  const around = withAncestors(layout, new Set([one]));
  const alsoAround = withAncestors(layout, new Set([other]));
  const innermost = layout.states.findLast(({ id }) => around.has(id) && alsoAround.has(id));
  return innermost?.type === 'parallel' && one !== innermost.id && other !== innermost.id;
}

/** The innermost active states in words, each with its region, if any. */
export function activeWords({ states }: ChartLayout, active: ReadonlySet<string>): string {
  const byId = new Map(states.map((state) => [state.id, state]));
  const innermost = states.filter(
    ({ id }) =>
      active.has(id) && !states.some(({ parent, id: child }) => parent === id && active.has(child)),
  );
  if (innermost.length === 0) return 'No state is active.';
  const words = innermost.map((state) => {
    const region = regionOf(state, byId);
    return region ? `${state.key} in ${region.key}` : state.key;
  });
  return `Active: ${words.join(', ')}.`;
}

function regionOf(
  state: PlacedState,
  byId: ReadonlyMap<string, PlacedState>,
): PlacedState | undefined {
  for (let around = byId.get(state.parent ?? ''); around; around = byId.get(around.parent ?? '')) {
    if (byId.get(around.parent ?? '')?.type === 'parallel') return around;
  }
  return undefined;
}

/** The time left as a short text: tenths of seconds, or whole seconds from one minute on. */
export function timeLeft(milliseconds: number): string {
  const left = Math.max(0, milliseconds);
  if (left < 60_000) return `${(left / 1_000).toFixed(1)} s`;
  const seconds = Math.round(left / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}
