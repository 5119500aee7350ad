/** The simulator. */
export { longestInputs } from './link.js';
export { Simulator } from './simulator.js';
