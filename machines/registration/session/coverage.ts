/** Coverage of the registration chart, counted from step records. */
import {
  type ChartStep,
  type CoveredChart,
  type Pair,
  pairsOf,
  stepsOf,
} from '../../engine/coverage/chart-steps.js';
import type { CoverageCounts as ChartCounts } from '../../engine/coverage/counts.js';
import { ChartCoverage, type CoverageJson as ChartJson } from '../../engine/coverage/coverage.js';
import {
  type ChartParts,
  type CoveredPart,
  coveredPart,
  followersMissingIn,
  type MissingFollowers,
  partsOf,
} from '../../engine/coverage/coverage-parts.js';
import { type Parsed, parseCoverageInto } from '../../engine/coverage/coverage-text.js';
import { type Configuration, configurations } from '../chart/configurations.js';
import { type RegistrationEdge, registrationEdges } from '../chart/edges.js';
import { registrationTable } from '../chart/registration-table.js';
import type { SeatName } from './step.js';

/** The seats in display order. */
export const coverageSeats: readonly SeatName[] = ['server', 'client', 'tester', 'observer'];

/** The registration chart as coverage counts it. */
export const coveredRegistration: CoveredChart<Configuration, RegistrationEdge, SeatName> = {
  states: configurations,
  edges: registrationEdges,
  seats: coverageSeats,
  isFinal: (state) => state === 'disconnected',
  isUnexpected: ({ unexpected }) => unexpected,
  table: registrationTable,
};

export type CoverageCounts = ChartCounts<Configuration>;
export type CoverageJson = ChartJson<SeatName>;
export type ParsedCoverage = Parsed<Coverage>;

/** How much of the registration chart was used. `add` takes a step record. */
export class Coverage extends ChartCoverage<Configuration, RegistrationEdge, SeatName> {
  constructor() {
    super(coveredRegistration);
  }

  /** @param file whose names are those of the chart. */
  static from(file: CoverageJson): Coverage {
    return new Coverage().mergeJson(file);
  }
}

/** Parses the text of a coverage file. Never throws. */
export function parseCoverage(text: string): ParsedCoverage {
  return parseCoverageInto(text, new Coverage());
}

/** Every step of the registration chart. */
export function chartSteps(): readonly ChartStep<Configuration, RegistrationEdge>[] {
  return stepsOf(coveredRegistration);
}

/** Every pair of steps of the registration chart, by its id. */
export function chartPairs(): ReadonlyMap<string, Pair> {
  return pairsOf(coveredRegistration);
}

export interface CoverageParts extends ChartParts<Configuration, RegistrationEdge> {
  /** The transitions that a documented figure shows. */
  readonly documented: CoveredPart<RegistrationEdge>;
}

/** The parts of the registration chart with their coverage. */
export function coverageParts(counts: CoverageCounts): CoverageParts {
  const { states, transitions, ...others } = partsOf(coveredRegistration, counts);
  const documented = coveredPart(
    registrationEdges.filter(({ figures }) => figures.length > 0),
    ({ id }) => counts.transitions.get(id),
  );
  return { states, transitions, documented, ...others };
}

/** The missing pairs of steps, grouped by their first step, in the chart's order. */
export function missingFollowers(parts: Pick<CoverageParts, 'pairsOfSteps'>): MissingFollowers[] {
  return followersMissingIn(coveredRegistration, parts);
}
