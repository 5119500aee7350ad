/** Which items of a chart are covered, part by part. */
import type { Edge } from '../table/edges.js';
import { type CoveredChart, type Pair, pairsOf } from './chart-steps.js';
import type { CoverageCounts } from './counts.js';

/** Covered items out of all items of a part. */
export interface CoveredPart<Item> {
  readonly covered: number;
  readonly of: number;
  /** The items that are not covered, in the chart's order. */
  readonly missing: readonly Item[];
}

export interface ChartParts<State extends string = string, E extends Edge = Edge> {
  readonly states: CoveredPart<State>;
  readonly transitions: CoveredPart<E>;
  /** The transitions that are steps of the protocol. */
  readonly protocolSteps: CoveredPart<E>;
  /** The transitions that are stated outcomes only. Most of them need a peer or a seat that breaks the protocol. */
  readonly unexpected: CoveredPart<E>;
  readonly pairs: CoveredPart<Pair>;
  /** The pairs whose steps are both steps of the protocol. */
  readonly pairsOfSteps: CoveredPart<Pair>;
}

/** The parts of a chart with their coverage. */
export function partsOf<State extends string, E extends Edge>(
  chart: CoveredChart<State, E>,
  { states, transitions, pairs }: CoverageCounts<State>,
): ChartParts<State, E> {
  const edges = (wanted: (edge: E) => boolean) =>
    coveredPart(chart.edges.filter(wanted), ({ id }) => transitions.get(id));
  const all = [...pairsOf(chart).values()];
  return {
    states: coveredPart(chart.states, (state) => states.get(state)),
    transitions: edges(() => true),
    protocolSteps: edges((edge) => !chart.isUnexpected(edge)),
    unexpected: edges((edge) => chart.isUnexpected(edge)),
    pairs: coveredPart(all, ({ id }) => pairs.get(id)),
    pairsOfSteps: coveredPart(
      all.filter(({ unexpected }) => !unexpected),
      ({ id }) => pairs.get(id),
    ),
  };
}

/** @param times how often an item was seen. */
export function coveredPart<Item>(
  items: readonly Item[],
  times: (item: Item) => number | undefined,
): CoveredPart<Item> {
  const missing = items.filter((item) => !times(item));
  return { covered: items.length - missing.length, of: items.length, missing };
}

/** A step and the steps that never followed it. */
export interface MissingFollowers {
  /** Ids of steps (`Pair`). */
  readonly first: string;
  readonly seconds: readonly string[];
  /** The number of steps of the protocol that can follow the first. */
  readonly of: number;
}

/** The missing pairs of steps, grouped by their first step, in the chart's order. */
export function followersMissingIn(
  chart: CoveredChart,
  { pairsOfSteps }: Pick<ChartParts, 'pairsOfSteps'>,
): MissingFollowers[] {
  const groups = new Map<string, string[]>();
  for (const { first, second } of pairsOfSteps.missing)
    groups.set(first, [...(groups.get(first) ?? []), second]);
  const possible = [...pairsOf(chart).values()].filter(({ unexpected }) => !unexpected);
  return [...groups].map(([first, seconds]) => {
    const of = possible.filter((pair) => pair.first === first).length;
    return { first, seconds, of };
  });
}
