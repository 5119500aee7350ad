/** The chart by hand. */
export { longestInputs } from './link.js';
export { Simulator } from './simulator.js';
