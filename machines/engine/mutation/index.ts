export * from './behaviours.js';
export * from './evaluate-suite.js';
export * from './mutant.js';
export * from './mutants.js';
export * from './observable-machine.js';
export * from './population.js';
export * from './strength.js';
