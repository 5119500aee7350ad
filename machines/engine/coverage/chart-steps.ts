/** The steps of a chart, and the pairs of steps that can follow each other: what coverage counts. */
import type { Edge } from '../table/edges.js';
import { type ChartTable, stepOf } from '../table/table.js';

/** One input in one state, and the step that the chart takes. */
export interface ChartStep<State extends string = string, E extends Edge = Edge> {
  /** Ids of the transitions, joined by `+`: `validating:EventError + registration:EventError`. */
  readonly id: string;
  readonly from: State;
  readonly to: State;
  /** The transitions: one, or one for each region. */
  readonly edges: readonly E[];
  /** Whether all transitions are stated outcomes that are not steps of the protocol. */
  readonly unexpected: boolean;
}

/** Two consecutive steps of one session, identified by their transitions. */
export interface Pair {
  /** The ids of the two steps: `validating:EventError + registration:EventError > awaiting:OtherMessage`. */
  readonly id: string;
  /** Ids of the two steps. */
  readonly first: string;
  readonly second: string;
  /** Whether one of the two is only a stated outcome. */
  readonly unexpected: boolean;
}

/** One result of the guard of a transition. */
export interface GuardOutcome {
  /** `idle:SUBMIT is true`. See `outcomeId`. */
  readonly id: string;
  /** The id of the transition (`Edge`). */
  readonly transition: string;
  /** The name of the guard, or `inline`. */
  readonly guard: string;
  readonly result: boolean;
}

/** The id of a guard's result, from the id of its transition. */
export function outcomeId(transition: string, result: boolean): string {
  return `${transition} is ${result}`;
}

/** A chart as coverage counts it. */
export interface CoveredChart<
  State extends string = string,
  E extends Edge = Edge,
  Seat extends string = string,
> {
  /** The id of the machine, for files. @default none: the chart of a protocol, which its program knows */
  readonly machine?: string;
  /** The results of guards, in a fixed order. @default none: a chart without guards */
  readonly guards?: readonly GuardOutcome[];
  /** The states, in a fixed order. */
  readonly states: readonly State[];
  /** The transitions, in a fixed order. */
  readonly edges: readonly E[];
  /** The seats in display order. Sessions of different seats are counted apart. */
  readonly seats: readonly Seat[];
  /** Whether a session ends in a state. */
  isFinal(state: State): boolean;
  /** Whether a transition is a stated outcome that is not a step of the protocol. */
  isUnexpected(edge: E): boolean;
  /** The table of the chart. Called when a step is counted or the parts are listed, not before. */
  table(): ChartTable;
}

/** The id of a step, from the ids of its transitions. */
export function stepId(transitions: readonly string[]): string {
  return transitions.join(' + ');
}

/** The id of a pair, from the ids of its steps. */
export function pairId(first: string, second: string): string {
  return `${first} > ${second}`;
}

const knownSteps = new WeakMap<object, readonly ChartStep[]>();
const knownPairs = new WeakMap<object, ReadonlyMap<string, Pair>>();

/** Every step of a chart, in the order of its table. Two inputs with the same outcome are one step. Computed once for each chart. */
export function stepsOf<State extends string, E extends Edge>(
  chart: CoveredChart<State, E>,
): readonly ChartStep<State, E>[] {
  const known = knownSteps.get(chart) ?? findSteps(chart);
  knownSteps.set(chart, known);
  return known as readonly ChartStep<State, E>[];
}

/** Every pair of steps of a chart, by its id. Computed once for each chart. */
export function pairsOf(chart: CoveredChart): ReadonlyMap<string, Pair> {
  const known = knownPairs.get(chart) ?? findPairs(stepsOf(chart));
  knownPairs.set(chart, known);
  return known;
}

function findSteps<State extends string, E extends Edge>(
  chart: CoveredChart<State, E>,
): ChartStep<State, E>[] {
  const table = chart.table();
  const edges = new Map(chart.edges.map((edge) => [edge.id, edge]));
  const inputs = [...table.events, ...table.timers];
  return (Object.keys(table.states) as State[]).flatMap((from) =>
    inputs.flatMap((input) => {
      const { to, transitions } = stepOf(table, from, input);
      if (transitions.length === 0) return [];
      const taken = transitions.map((id) => edges.get(id) as E);
      const unexpected = taken.every((edge) => chart.isUnexpected(edge));
      return [{ id: stepId(transitions), from, to: to as State, edges: taken, unexpected }];
    }),
  );
}

function findPairs(steps: readonly ChartStep[]): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  const leaving = new Map<string, ChartStep[]>();
  for (const step of steps) {
    const others = leaving.get(step.from);
    if (others) others.push(step);
    else leaving.set(step.from, [step]);
  }
  for (const one of steps) {
    for (const other of leaving.get(one.to) ?? []) {
      const id = pairId(one.id, other.id);
      const unexpected = one.unexpected || other.unexpected;
      pairs.set(id, { id, first: one.id, second: other.id, unexpected });
    }
  }
  return pairs;
}
