export { conform } from './conform.js';
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
  ServerTimeouts,
} from './options.js';
export { playCase } from './play-until-judged.js';
export * from './result.js';
export { Stalls } from './stalls.js';
