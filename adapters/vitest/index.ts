/**
 * The actors of a test suite in an inspector, and in a recording for `ixgate coverage --machine`.
 * @module ixgate/vitest
 */
export { type InspectActorsOptions, inspectActors } from './plugin.js';
