export { conform } from './conform.js';
export { keptCases, recordedFailures } from './kept-cases.js';
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
  TimerPolicy,
} from './options.js';
export { playCase } from './play-case.js';
export { renderConform, renderSession } from './render.js';
export * from './result.js';
export { StallMonitor } from './stall-monitor.js';
