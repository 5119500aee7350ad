/** The chart by hand. */
export { Simulator } from './simulator.js';
