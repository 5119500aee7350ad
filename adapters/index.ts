/**
 * The parts that most integrators need: the chart, the server and the client. The other parts have separate subpaths:
 * `ixgate/validators`, `ixgate/tester`, `ixgate/recording`, `ixgate/wire`, `ixgate/transports`.
 * @module ixgate
 */
export * from '../machines/index.js';
export * from './client/index.js';
export { IxgateError } from './runtime/errors.js';
export * from './server/index.js';
