/**
 * The tester: plays the documented figures against the chart and against any live server, and says where it differs.
 * @module ixgate/tester
 */
export { renderCounterexample } from './counterexample.js';
export { NotReachableError } from './errors.js';
export { type PlayOptions, playFigure, toleranceOf } from './play-figure.js';
export { type Paint, renderFigure, renderRun } from './render.js';
export {
  type BuiltInTarget,
  builtInTargets,
  ownTimeouts,
  type RunOptions,
  runFigures,
} from './run-figures.js';
export { endpointTarget, type FigureTarget, memoryTarget } from './target.js';
