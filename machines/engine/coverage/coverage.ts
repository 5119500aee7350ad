/**
 * How much of the chart has been used: states, transitions and pairs of steps, counted from step records, seat by seat. Only what
 * the chart has is counted, so a coverage is never larger than the chart, however long it runs and whatever it is fed.
 */
import { type Configuration, configurations } from '../../registration/chart/configurations.js';
import { registrationEdges } from '../../registration/chart/edges.js';
import type { SeatName, StepRecord } from '../../registration/session/step.js';
import { type ChartStep, chartPairs, chartSteps, pairId, stepId } from './pairs.js';

/** The version of the file a coverage is written to. */
export const coverageVersion = 1;

/** The seats in the order in which they are told. */
export const coverageSeats: readonly SeatName[] = ['server', 'client', 'tester', 'observer'];

/** What was counted of one seat, or of several. What was never seen is not in the maps. */
export interface CoverageCounts {
  /** Sessions that began, or that were first seen after they had. */
  readonly sessions: number;
  readonly steps: number;
  /** Steps that the chart does not have: of another version, or of another chart. They count nowhere else. */
  readonly foreign: number;
  /** How often a session was found in each configuration: where it began, and after each step. */
  readonly states: ReadonlyMap<Configuration, number>;
  /** How often each transition was taken, by its id (`Edge`). */
  readonly transitions: ReadonlyMap<string, number>;
  /** How often two steps followed each other in one session, by the pair's id (`Pair`). */
  readonly pairs: ReadonlyMap<string, number>;
}

/** A coverage as JSON has it. What was never seen is left out. */
export interface CoverageJson {
  readonly coverage: typeof coverageVersion;
  readonly seats: Readonly<Partial<Record<SeatName, SeatCoverage>>>;
}

/** One seat of a `CoverageJson`; see `CoverageCounts`. */
export interface SeatCoverage {
  readonly sessions: number;
  readonly steps: number;
  readonly foreign: number;
  readonly states: Readonly<Record<string, number>>;
  readonly transitions: Readonly<Record<string, number>>;
  readonly pairs: Readonly<Record<string, number>>;
}

/** Sessions whose last step is remembered, to know what follows it; of more than these the one that was quiet longest is forgotten. */
const mostOpen = 100_000;

interface LastStep {
  readonly seq: number;
  /** Null for one that the chart does not have. */
  readonly step: ChartStep | null;
}

export class Coverage {
  readonly #seats = new Map<SeatName, Counts>();
  /** The last step of each session that has not ended, the one that was quiet longest first. */
  readonly #open = new Map<string, LastStep>();
  // Found here: to walk the chart takes milliseconds, which whoever makes the first step has not.
  readonly #chart = stepsOfChart();

  /**
   * Counts a step. Sessions are told apart by seat and id, and their steps may come between those of others. Two steps are a pair
   * when nothing is missing between them (`seq`) and the second begins where the first led to.
   */
  add(record: StepRecord): void {
    const counts = this.#countsOf(record.seat);
    const { from, to, transition } = record;
    const step = this.#chart.get(stepKey(from, to, stepId(transition))) ?? null;
    const key = `${record.seat} ${record.session}`;
    const last = this.#open.get(key);
    const begins = !last || record.seq === 1;
    if (begins) counts.sessions = sum(counts.sessions, 1);
    counts.steps = sum(counts.steps, 1);
    if (step === null) counts.foreign = sum(counts.foreign, 1);
    else {
      if (begins) count(counts.states, step.from);
      count(counts.states, step.to);
      for (const { id } of step.edges) count(counts.transitions, id);
      const follows = last?.step && last.seq + 1 === record.seq && last.step.to === step.from;
      if (follows) count(counts.pairs, pairId(last.step.id, step.id));
    }
    // Taken out and put in again: the order is that of the last step.
    this.#open.delete(key);
    if (record.to !== 'disconnected') this.#open.set(key, { seq: record.seq, step });
    if (this.#open.size > mostOpen) this.#forgetQuietest();
  }

  /** Adds what another coverage has counted. Sessions that go on are not joined: each coverage has counted its own pairs. */
  merge(other: Coverage): this {
    for (const [seat, counts] of other.#seats) addTo(this.#countsOf(seat), counts);
    return this;
  }

  /** What was counted of a seat; nothing where it was never seen. */
  of(seat: SeatName): CoverageCounts {
    return this.#seats.get(seat) ?? new Counts();
  }

  /** What was counted of all seats together. */
  get total(): CoverageCounts {
    const total = new Counts();
    for (const counts of this.#seats.values()) addTo(total, counts);
    return total;
  }

  /** The seats that were seen. */
  get seats(): SeatName[] {
    return coverageSeats.filter((seat) => this.#seats.has(seat));
  }

  toJSON(): CoverageJson {
    const seats = this.seats.map((seat) => [seat, asJson(this.of(seat))]);
    return { coverage: coverageVersion, seats: Object.fromEntries(seats) };
  }

  /** @param file whose names are those of the chart. */
  static from({ seats }: CoverageJson): Coverage {
    const coverage = new Coverage();
    for (const seat of coverageSeats) {
      const written = seats[seat];
      if (written) addTo(coverage.#countsOf(seat), countsOf(written));
    }
    return coverage;
  }

  #countsOf(seat: SeatName): Counts {
    const known = this.#seats.get(seat);
    if (known) return known;
    const counts = new Counts();
    this.#seats.set(seat, counts);
    return counts;
  }

  #forgetQuietest(): void {
    for (const key of this.#open.keys()) {
      this.#open.delete(key);
      return;
    }
  }
}

class Counts implements CoverageCounts {
  sessions = 0;
  steps = 0;
  foreign = 0;
  readonly states = new Map<Configuration, number>();
  readonly transitions = new Map<string, number>();
  readonly pairs = new Map<string, number>();
}

const maps = ['states', 'transitions', 'pairs'] as const;
const sums = ['sessions', 'steps', 'foreign'] as const;

function addTo(counts: Counts, more: CoverageCounts): void {
  for (const name of sums) counts[name] = sum(counts[name], more[name]);
  for (const name of maps) {
    const into = counts[name] as Map<string, number>;
    for (const [key, times] of more[name]) count(into, key, times);
  }
}

function count<Key>(counts: Map<Key, number>, key: Key, times = 1): void {
  counts.set(key, sum(counts.get(key) ?? 0, times));
}

/** A sum that stays a number a file can hold: who is at the end of the numbers stays there. */
function sum(one: number, other: number): number {
  return Math.min(one + other, Number.MAX_SAFE_INTEGER);
}

let known: ReadonlyMap<string, ChartStep> | null = null;

function stepsOfChart(): ReadonlyMap<string, ChartStep> {
  known ??= new Map(chartSteps().map((step) => [stepKey(step.from, step.to, step.id), step]));
  return known;
}

function stepKey(from: Configuration, to: Configuration, id: string): string {
  return `${from} ${to} ${id}`;
}

function asJson(counts: CoverageCounts): SeatCoverage {
  const { sessions, steps, foreign, states, transitions, pairs } = counts;
  return {
    sessions,
    steps,
    foreign,
    states: inOrder(states, configurations),
    transitions: inOrder(
      transitions,
      registrationEdges.map(({ id }) => id),
    ),
    pairs: inOrder(pairs, chartPairs().keys()),
  };
}

/** In the chart's order, so that the same counts are the same text. */
function inOrder<Key extends string>(
  counts: ReadonlyMap<Key, number>,
  keys: Iterable<Key>,
): Record<string, number> {
  const seen = [...keys].filter((key) => (counts.get(key) ?? 0) > 0);
  return Object.fromEntries(seen.map((key) => [key, counts.get(key) ?? 0]));
}

function countsOf({ states, transitions, pairs, ...totals }: SeatCoverage): CoverageCounts {
  return {
    ...totals,
    states: new Map(Object.entries(states)) as Map<Configuration, number>,
    transitions: new Map(Object.entries(transitions)),
    pairs: new Map(Object.entries(pairs)),
  };
}
