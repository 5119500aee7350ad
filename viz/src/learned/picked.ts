/** What is selected of a learned machine. The selection of the page has the ids of overlay edges, and `difference N` for one of the list. */
import type { Difference } from '../../../machines/engine/learning/differences.js';
import type { Overlay, OverlayEdge } from '../../../machines/engine/learning/overlay.js';
import { nothingSelected } from '../state/stage.js';
import { select, usePage } from '../state/store.js';
import type { LearnedInView } from './use-learned.js';

export interface Picked {
  readonly edges: readonly OverlayEdge[];
  /** The number in the list, from 0; null for an edge that has no difference in the list. */
  readonly number: number | null;
  readonly difference: Difference | null;
  /** The inputs of a shortest session. */
  readonly witness: readonly string[];
}

/** What is selected; null for nothing. */
export function usePicked({ overlay, differences }: LearnedInView): Picked | null {
  const { edges: ids } = usePage((state) => state.selection);
  const edges = overlay.edges.filter(({ id }) => ids.has(id));
  const number = differences.findIndex((_, index) => ids.has(nameOf(index)));
  const difference = differences[number] ?? null;
  const witness = difference?.witness ?? edges.at(-1)?.witness;
  if (!witness) return null;
  return { edges, number: number === -1 ? null : number, difference, witness };
}

export function pickDifference({ overlay, differences }: LearnedInView, number: number): void {
  const difference = differences[number];
  const edges = difference ? edgesOf(overlay, difference) : [];
  const ids = [nameOf(number), ...edges.map(({ id }) => id)];
  select({ edges: new Set(ids), steps: new Set() });
}

/** Picks an edge with the one that it differs from, and its difference, if any. */
export function pickEdge(shown: LearnedInView, edge: OverlayEdge): void {
  const { overlay, differences } = shown;
  const isListed = (one: Difference) => edgesOf(overlay, one).includes(edge) && isDiffering(edge);
  const number = differences.findIndex(isListed);
  if (number !== -1) pickDifference(shown, number);
  else {
    const pair = overlay.edges.filter(
      (one) => one === edge || (isDiffering(edge) && isDiffering(one) && isSame(one, edge)),
    );
    select({ edges: new Set(pair.map(({ id }) => id)), steps: new Set() });
  }
}

export function pickNothing(): void {
  select(nothingSelected);
}

function nameOf(number: number): string {
  return `difference ${number}`;
}

function isSame(one: OverlayEdge, other: OverlayEdge): boolean {
  return one.from === other.from && one.input === other.input;
}

export function isDiffering({ status }: OverlayEdge): boolean {
  return status === 'missing' || status === 'different';
}

/** The edges that show a difference. Where the machine does not have it, because few sessions show it, the edge where it begins. */
function edgesOf({ states, edges }: Overlay, difference: Difference): OverlayEdge[] {
  const from = new Map(states.map((state) => [state.id, state]));
  const near = edges.filter(
    (edge) =>
      edge.input === difference.input && from.get(edge.from)?.expected === difference.expectedState,
  );
  const exact = near.filter((edge) => from.get(edge.from)?.observed === difference.observedState);
  const found = exact.length > 0 ? exact : near;
  const differing = found.filter(isDiffering);
  return differing.length > 0 ? differing : found;
}
