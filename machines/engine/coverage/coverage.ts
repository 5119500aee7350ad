/**
 * Chart coverage: states, transitions and pairs of steps, counted from steps of sessions for each seat. Only items of the chart are
 * counted, so the size of a coverage is limited by the chart.
 */
import type { Edge } from '../table/edges.js';
import { type ChartStep, type CoveredChart, pairId, stepId, stepsOf } from './chart-steps.js';

import {
  addTo,
  asJson,
  Counts,
  type CoverageCounts,
  count,
  countsOf,
  type SeatCoverage,
  sum,
} from './counts.js';

/** The version of the coverage file. */
export const coverageVersion = 1;

/** A coverage as JSON, without the items that were never seen. */
export interface CoverageJson<Seat extends string = string> {
  readonly coverage: typeof coverageVersion;
  /** The id of the machine; missing for the registration chart. */
  readonly machine?: string;
  readonly seats: Readonly<Partial<Record<Seat, SeatCoverage>>>;
}

/** One step of a session. */
export interface CountedStep<State extends string = string, Seat extends string = string> {
  readonly seat: Seat;
  readonly session: string;
  /** 1, 2, 3 ... within the session. */
  readonly seq: number;
  readonly from: State;
  readonly to: State;
  /** Ids of the transitions taken. */
  readonly transition: readonly string[];
}

/** Maximum number of sessions whose last step is kept, to count pairs. Beyond it the session that was quiet longest is dropped. */
const maxOpenSessions = 100_000;

interface LastStep<State extends string> {
  readonly seq: number;
  /** Null for a step of another chart. */
  readonly step: ChartStep<State> | null;
}

export class ChartCoverage<State extends string, E extends Edge, Seat extends string> {
  readonly chart: CoveredChart<State, E, Seat>;
  readonly #seats = new Map<Seat, Counts<State>>();
  /** The last step of each session that has not ended, the session that was quiet longest first. */
  readonly #open = new Map<string, LastStep<State>>();

  constructor(chart: CoveredChart<State, E, Seat>) {
    this.chart = chart;
  }

  /**
   * Counts a step. Sessions are identified by seat and id, and their steps may be interleaved. Two steps are a pair when no step is
   * missing between them (`seq`) and the second begins in the state that the first led to. The first call lists the steps of the chart.
   */
  add(record: CountedStep<State, Seat>): void {
    const counts = this.countsOf(record.seat);
    const { from, to, transition } = record;
    const step = indexedSteps(this.chart).get(stepKey(from, to, stepId(transition))) ?? null;
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
    // Deleted and inserted again, to keep the order of the last step.
    this.#open.delete(key);
    if (!this.chart.isFinal(record.to)) this.#open.set(key, { seq: record.seq, step });
    if (this.#open.size > maxOpenSessions) this.#dropQuietest();
  }

  /** Adds the counts of another coverage. Sessions are not joined: each coverage has counted its pairs. */
  merge(other: ChartCoverage<State, E, Seat>): this {
    for (const [seat, counts] of other.#seats) addTo(this.countsOf(seat), counts);
    return this;
  }

  /** Adds the counts of a file. @param file whose names are those of the chart. */
  mergeJson({ seats }: CoverageJson<Seat>): this {
    for (const seat of this.chart.seats) {
      const written = seats[seat];
      if (written) addTo(this.countsOf(seat), countsOf(written));
    }
    return this;
  }

  /** The counts of a seat; all zero when it was never seen. */
  of(seat: Seat): CoverageCounts<State> {
    return this.#seats.get(seat) ?? new Counts();
  }

  /** The sum of all seats. */
  get total(): CoverageCounts<State> {
    const total = new Counts<State>();
    for (const counts of this.#seats.values()) addTo(total, counts);
    return total;
  }

  /** The seats that were seen. */
  get seats(): Seat[] {
    return this.chart.seats.filter((seat) => this.#seats.has(seat));
  }

  toJSON(): CoverageJson<Seat> {
    const seats = this.seats.map((seat) => [seat, asJson(this.of(seat), this.chart)]);
    const { machine } = this.chart;
    return {
      coverage: coverageVersion,
      ...(machine !== undefined && { machine }),
      seats: Object.fromEntries(seats),
    };
  }

  /** The counts of a seat, to add to. */
  protected countsOf(seat: Seat): Counts<State> {
    const known = this.#seats.get(seat);
    if (known) return known;
    const counts = new Counts<State>();
    this.#seats.set(seat, counts);
    return counts;
  }

  #dropQuietest(): void {
    for (const key of this.#open.keys()) {
      this.#open.delete(key);
      return;
    }
  }
}

const indexes = new WeakMap<object, ReadonlyMap<string, ChartStep>>();

/** The steps of a chart by `stepKey`, computed once for each chart. */
function indexedSteps<State extends string>(
  chart: CoveredChart<State>,
): ReadonlyMap<string, ChartStep<State>> {
  const known =
    indexes.get(chart) ??
    new Map(stepsOf(chart).map((step) => [stepKey(step.from, step.to, step.id), step]));
  indexes.set(chart, known);
  return known as ReadonlyMap<string, ChartStep<State>>;
}

function stepKey(from: string, to: string, id: string): string {
  return `${from} ${to} ${id}`;
}
