/** Chart coverage: counting, parts, files. */
export {
  ActorCoverage,
  type ActorParts,
  type ChartCoverageOptions,
  chartCoverage,
  parseChartCoverage,
} from './actor-coverage.js';
export {
  type ChartStep,
  type CoveredChart,
  type GuardOutcome,
  type Pair,
  pairsOf,
} from './chart-steps.js';
export type { CoverageCounts, SeatCoverage } from './counts.js';
export { ChartCoverage, type CountedStep, type CoverageJson } from './coverage.js';
export {
  type ChartParts,
  type CoveredPart,
  type MissingFollowers,
  partsOf,
} from './coverage-parts.js';
export { coverageText, isCoverageText, type Parsed, parseCoverageInto } from './coverage-text.js';
export { coveredChartOf } from './covered-machine.js';
