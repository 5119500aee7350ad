/**
 * The chart as a model: exploring any finite XState machine, generated test suites, mutants, checking and coverage.
 * @module ixgate/model
 */
export {
  type ActorCoverage,
  type ActorParts,
  type ChartCoverageOptions,
  type CoveredPart,
  chartCoverage,
  coverageText,
  type GuardOutcome,
  parseChartCoverage,
} from '../engine/coverage/index.js';
export { mermaidChart, plantumlChart, scxmlChart } from '../engine/diagrams/index.js';
export { checkProtocol, type ProtocolCheck } from '../engine/kit/check-protocol.js';
export {
  type ChartProtocol,
  defineProtocol,
  type LiveProtocol,
  type ProtocolModelOptions,
} from '../engine/kit/define-protocol.js';
export {
  type CheckedStep,
  type ProtocolDefinition,
  ProtocolError,
  type ProtocolFigure,
  type ProtocolProperty,
  type Statement,
  type TimeInput,
} from '../engine/kit/definition.js';
export type { ProtocolModel } from '../engine/kit/protocol-model.js';
export type { Wire, WireOptions, WireSession, WireTiming, WireValues } from '../engine/kit/wire.js';
export { type Difference, differencesOf } from '../engine/learning/differences.js';
export { type LearnOptions, type LearnResult, learn } from '../engine/learning/learn.js';
export {
  type SimulatedSession,
  SimulatedSystem,
  type SimulatedSystemOptions,
} from '../engine/learning/simulated-system.js';
export type {
  TimedEdge,
  TimedMachine,
  TimedState,
  Timeout,
} from '../engine/learning/timed-machine.js';
export type {
  Play,
  PlayedStep,
  PlayPatience,
  TimedSystem,
  WordStep,
} from '../engine/learning/timed-system.js';
export { stateCover, transitionCover } from '../engine/mealy/covers.js';
export { characterizationSet, DistinguishingSequences } from '../engine/mealy/distinguishing.js';
export {
  type MealyMachine,
  type MealyStep,
  mealyMachineOf,
  quiescence,
} from '../engine/mealy/mealy-machine.js';
export { type MinimalForm, minimalForm } from '../engine/mealy/minimal.js';
export {
  type ChartCounterexample,
  type ChartModel,
  type ChartOptions,
  type ChartProperties,
  type ChartSettings,
  type CheckedChart,
  type CheckedState,
  checkModel,
  type ModelOptions,
  modelOf,
  type Observable,
  type Observation,
  outputText,
  PayloadError,
  type PayloadSource,
  type PropertyVerdict,
  type StatePredicate,
} from '../engine/model/index.js';
export { evaluateSuite } from '../engine/mutation/evaluate-suite.js';
export type { Mutant } from '../engine/mutation/mutant.js';
export { mutantsOf } from '../engine/mutation/mutants.js';
export { observableMachine } from '../engine/mutation/observable-machine.js';
export { type Population, populationOf } from '../engine/mutation/population.js';
export {
  actorSystem,
  CaseError,
  type CaseFailure,
  type CaseResult,
  expectCase,
  type PlayOptions,
  playCase,
  playSuite,
  type SuiteResult,
  type SystemUnderTest,
  type TestedSession,
} from '../engine/playing/index.js';
export { type ExploreOptions, exploreMachine } from '../engine/table/explore.js';
export {
  ExploreError,
  type ExploreProblem,
  NotFiniteError,
} from '../engine/table/explore-error.js';
export type {
  ChartNote,
  ChartTable,
  GuardResults,
  TableState,
  TableStep,
} from '../engine/table/table.js';
export { type Criterion, criteria, parseCriterion } from '../engine/testgen/criteria.js';
export { estimateSuite, type SuiteEstimate } from '../engine/testgen/estimate.js';
export { type SuiteFormat, suiteFormats } from '../engine/testgen/formats/index.js';
export type { Case as SuiteCase } from '../engine/testgen/suite.js';
export { SuiteFileError, suiteText } from '../engine/testgen/suite-file.js';
export { type SuiteOptions, suiteOf } from '../engine/testgen/suite-of.js';
export { registrationTable } from '../registration/chart/registration-table.js';
export {
  type CheckOptions,
  type CheckResult,
  type Counterexample,
  checkRegistration,
} from '../registration/product/check.js';
export { replayCounterexample } from '../registration/product/replay.js';
export {
  Coverage,
  type CoverageCounts,
  type CoverageJson,
  parseCoverage,
} from '../registration/session/coverage.js';
export { serverInputs } from '../registration/sut/inputs.js';
export { ServerModel } from '../registration/sut/server-model.js';
export {
  SimulatedServer,
  type SimulatedServerOptions,
} from '../registration/sut/simulated-server.js';
export { type Case, readSuite, type Suite, suiteFiles } from '../registration/sut/suites.js';
