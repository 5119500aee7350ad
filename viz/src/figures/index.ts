/** The documented figures. */
export { Figures } from './figures.js';
