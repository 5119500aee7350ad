/** The counts of a coverage, and their form in files. */
import type { CoveredChart } from './chart-steps.js';

/** The counts of one seat, or the sum of several. The maps have no entries for items that were never seen. */
export interface CoverageCounts<State extends string = string> {
  /** The number of sessions that began, or were first seen later. */
  readonly sessions: number;
  readonly steps: number;
  /** Steps of another chart or another version. They count nowhere else. */
  readonly foreign: number;
  /** How often a session was in each state: at its start, and after each step. */
  readonly states: ReadonlyMap<State, number>;
  /** How often each transition was taken, by its id (`Edge`). */
  readonly transitions: ReadonlyMap<string, number>;
  /** How often two steps followed each other in one session, by the pair's id (`Pair`). */
  readonly pairs: ReadonlyMap<string, number>;
  /** How often each guard was true and false, by the id of the result (`GuardOutcome`). */
  readonly guards: ReadonlyMap<string, number>;
}

/** One seat of a `CoverageJson`; see `CoverageCounts`. */
export interface SeatCoverage {
  readonly sessions: number;
  readonly steps: number;
  readonly foreign: number;
  readonly states: Readonly<Record<string, number>>;
  readonly transitions: Readonly<Record<string, number>>;
  readonly pairs: Readonly<Record<string, number>>;
  /** Missing for a chart without guards. */
  readonly guards?: Readonly<Record<string, number>>;
}

/** Counts that grow. */
export class Counts<State extends string> implements CoverageCounts<State> {
  sessions = 0;
  steps = 0;
  foreign = 0;
  readonly states = new Map<State, number>();
  readonly transitions = new Map<string, number>();
  readonly pairs = new Map<string, number>();
  readonly guards = new Map<string, number>();
}

const maps = ['states', 'transitions', 'pairs', 'guards'] as const;
const sums = ['sessions', 'steps', 'foreign'] as const;

/** Adds counts to others. */
export function addTo(counts: Counts<string>, more: CoverageCounts): void {
  for (const name of sums) counts[name] = sum(counts[name], more[name]);
  for (const name of maps) {
    for (const [key, times] of more[name]) count(counts[name], key, times);
  }
}

/** Adds to one count. */
export function count<Key>(counts: Map<Key, number>, key: Key, times = 1): void {
  counts.set(key, sum(counts.get(key) ?? 0, times));
}

/** A sum that stops at the largest number that a file can hold. */
export function sum(one: number, other: number): number {
  return Math.min(one + other, Number.MAX_SAFE_INTEGER);
}

/** Counts as JSON, without the items that were never seen. */
export function asJson(counts: CoverageCounts, chart: CoveredChart): SeatCoverage {
  const { sessions, steps, foreign, states, transitions, pairs, guards } = counts;
  const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);
  return {
    sessions,
    steps,
    foreign,
    states: inOrder(states, chart.states),
    transitions: inOrder(transitions, idsOf(chart.edges)),
    // Sorted by their ids: the order of the chart would need its table.
    pairs: inOrder(pairs, [...pairs.keys()].sort()),
    ...(chart.guards && { guards: inOrder(guards, idsOf(chart.guards)) }),
  };
}

/** In the chart's order: equal counts are equal texts. */
function inOrder(
  counts: ReadonlyMap<string, number>,
  keys: Iterable<string>,
): Record<string, number> {
  const seen = [...keys].filter((key) => (counts.get(key) ?? 0) > 0);
  return Object.fromEntries(seen.map((key) => [key, counts.get(key) ?? 0]));
}

/** Counts from JSON. */
export function countsOf(seat: SeatCoverage): CoverageCounts {
  const { states, transitions, pairs, guards = {}, ...totals } = seat;
  return {
    ...totals,
    states: new Map(Object.entries(states)),
    transitions: new Map(Object.entries(transitions)),
    pairs: new Map(Object.entries(pairs)),
    guards: new Map(Object.entries(guards)),
  };
}
