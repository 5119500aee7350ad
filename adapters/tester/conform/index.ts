export { conform } from './conform.js';
export { keptCases, recordedFailures } from './keep.js';
export {
  type MeasuredTimeout,
  type MeasuredTimeouts,
  type MeasureOptions,
  measureTimeouts,
} from './measure.js';
export type {
  ConformOptions,
  ConformProgress,
  PlayCaseOptions,
  PlayedSuite,
  ServerTimeouts,
} from './options.js';
export { playCase } from './play-judged.js';
export { renderConform, renderSession } from './render.js';
export * from './result.js';
export { Stalls } from './stalls.js';
