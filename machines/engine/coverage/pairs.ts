/** What the chart can do in one step, and in two that follow each other: read from the chart's table. */
import type { Configuration } from '../../registration/chart/configurations.js';
import { type RegistrationEdge, transitionsTaken } from '../../registration/chart/edges.js';
import { registrationEventTypes } from '../../registration/chart/seat.js';
import { registrationTable, stepOf } from '../mealy/index.js';

/** One input in one configuration, and what the chart makes of it. */
export interface ChartStep {
  /** Ids of the transitions, joined by `+`: `validating:EventError + registration:EventError`. */
  readonly id: string;
  readonly from: Configuration;
  readonly to: Configuration;
  /** One, or one a region. */
  readonly edges: readonly RegistrationEdge[];
  /** Whether it is a stated outcome only: no step of the protocol. */
  readonly unexpected: boolean;
}

/** Two steps of one session, one after the other, told apart by the transitions they take. */
export interface Pair {
  /** The ids of the two steps: `validating:EventError + registration:EventError > awaiting:OtherMessage`. */
  readonly id: string;
  /** Ids of the two steps. */
  readonly first: string;
  readonly second: string;
  /** Whether one of the two is a stated outcome only. */
  readonly unexpected: boolean;
}

/** The id of a step, from the ids of its transitions. */
export function stepId(transitions: readonly string[]): string {
  return transitions.join(' + ');
}

/** The id of the pair of two steps, from theirs. */
export function pairId(first: string, second: string): string {
  return `${first} > ${second}`;
}

const inputs = [...registrationEventTypes, 'registrationTimeout', 'rejectionTimeout'] as const;

let walked: readonly ChartStep[] | null = null;
let paired: ReadonlyMap<string, Pair> | null = null;

/** Every step there is, in the order of a walk from `connecting`, breadth first. Two inputs with the same outcome are one step. */
export function chartSteps(): readonly ChartStep[] {
  walked ??= walk();
  return walked;
}

/** Every pair there is, by its id. */
export function chartPairs(): ReadonlyMap<string, Pair> {
  paired ??= pairsOf(chartSteps());
  return paired;
}

function walk(): ChartStep[] {
  const table = registrationTable();
  const states = Object.keys(table.states) as Configuration[];
  return states.flatMap((from) =>
    inputs.flatMap((input) => {
      const edges = transitionsTaken(from, input);
      if (edges.length === 0) return [];
      const to = stepOf(table, from, input).to as Configuration;
      const id = stepId(edges.map((edge) => edge.id));
      return { id, from, to, edges, unexpected: edges.every((edge) => edge.unexpected) };
    }),
  );
}

function pairsOf(steps: readonly ChartStep[]): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const one of steps) {
    for (const other of steps) {
      if (other.from !== one.to) continue;
      const id = pairId(one.id, other.id);
      const unexpected = one.unexpected || other.unexpected;
      pairs.set(id, { id, first: one.id, second: other.id, unexpected });
    }
  }
  return pairs;
}
