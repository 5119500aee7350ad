/**
 * The tester: plays figures and suites against the chart and live servers, plays a server to live clients, and reports differences.
 * @module ixgate/tester
 */
export * from './conform/index.js';
export * from './conform-client/index.js';
export { renderCounterexample } from './counterexample.js';
export { NotReachableError, NotTestableError } from './errors.js';
export { type LadderArrow, type LadderOptions, renderLadder } from './ladder.js';
export {
  type LearnedServer,
  type LearnServerOptions,
  learnServer,
  type RegistrationOptions,
  registrationOf,
  type Subject,
  subjectOf,
} from './learning/learn-server.js';
export { learnedText, readLearned } from './learning/learned-files.js';
export type { Paint } from './paint.js';
export { type PlayOptions, playFigure, toleranceOf } from './play-figure.js';
export {
  type ProtocolCase,
  ProtocolUnderTest,
  type ProtocolUnderTestOptions,
  protocolUnderTest,
} from './protocols/protocol-under-test.js';
export { renderFigure, renderRun } from './render.js';
export {
  type BuiltInTarget,
  builtInTargets,
  ownTimeouts,
  type RunOptions,
  runFigures,
} from './run-figures.js';
export {
  ServerUnderTest,
  type ServerUnderTestOptions,
  serverUnderTest,
} from './server-under-test.js';
export { endpointTarget, type FigureTarget, memoryTarget } from './target.js';
