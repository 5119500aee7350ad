/** Playing suites against systems under test. */
export { actorSystem } from './actor-system.js';
export {
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
} from './play-suite.js';
