export type { PlayCaseOptions, ServerTimeouts } from './options.js';
export { playCase } from './play-until-judged.js';
export * from './result.js';
export { Stalls } from './stalls.js';
