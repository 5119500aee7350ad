/** Chart coverage: counting, parts, files. */
export {
  type ChartStep,
  type CoveredChart,
  type Pair,
  pairId,
  pairsOf,
  stepId,
  stepsOf,
} from './chart-steps.js';
export {
  ChartCoverage,
  type CountedStep,
  type CoverageCounts,
  type CoverageJson,
  coverageVersion,
  type SeatCoverage,
} from './coverage.js';
export {
  type ChartParts,
  type CoveredPart,
  followersMissingIn,
  type MissingFollowers,
  partsOf,
} from './coverage-parts.js';
export { coverageText, isCoverageText, type Parsed, parseCoverageInto } from './coverage-text.js';
