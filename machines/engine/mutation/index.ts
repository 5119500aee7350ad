export * from './as-seen.js';
export * from './behaviours.js';
export * from './kills.js';
export * from './mutant.js';
export * from './mutants.js';
export * from './population.js';
export * from './strength.js';
