/**
 * The chart and its tools: they use no sockets and run in a browser and in any service.
 * For this project only: the public subpaths are `entry/machines.ts` and `entry/model.ts`.
 */

export {
  type ChartStep,
  type CoveredPart,
  coverageText,
  isCoverageText,
  type MissingFollowers,
  type Pair,
  type SeatCoverage,
} from './engine/coverage/index.js';
export * from './engine/mealy/index.js';
export * from './engine/mutation/index.js';
export type { Protocol } from './engine/protocol.js';
export * from './engine/table/index.js';
export {
  type Criterion,
  caseOf,
  criteria,
  parseCriterion,
  type SuiteFile,
  SuiteFileError,
  type SuiteFormat,
  type SuiteOptions,
  sequencesOf,
  suiteFormats,
  suiteOf,
  suiteText,
} from './engine/testgen/index.js';
export * from './registration/chart/actor.js';
export * from './registration/chart/configurations.js';
export * from './registration/chart/describe-configuration.js';
export * from './registration/chart/edges.js';
export * from './registration/chart/error-codes.js';
export * from './registration/chart/message-events.js';
export * from './registration/chart/messages.js';
export * from './registration/chart/registration.js';
export * from './registration/chart/registration-table.js';
export * from './registration/chart/seat.js';
export * from './registration/chart/server-effects.js';
export * from './registration/chart/supervisor.js';
export * from './registration/figures/comparison.js';
export * from './registration/figures/figures.js';
export * from './registration/figures/mermaid.js';
export * from './registration/figures/observed.js';
export * from './registration/figures/play.js';
export * from './registration/figures/play-live.js';
export type {
  RequestKind,
  ServerFinding,
} from './registration/figures/server-findings.js';
export * from './registration/figures/session-arrows.js';
export * from './registration/figures/session-comparison.js';
export * from './registration/observer/index.js';
export * from './registration/product/index.js';
export * from './registration/session/as-json.js';
export * from './registration/session/coverage.js';
export * from './registration/session/feed.js';
export * from './registration/session/findings.js';
export * from './registration/session/gap-mark.js';
export * from './registration/session/marks.js';
export * from './registration/session/recording.js';
export * from './registration/session/recording-header.js';
export * from './registration/session/redaction.js';
export * from './registration/session/registration-runner.js';
export * from './registration/session/restore.js';
export * from './registration/session/step.js';
export * from './registration/session/verdict.js';
export * from './registration/sut/index.js';
export * from './text/clock.js';
export * from './text/format.js';
export * from './text/mermaid.js';
