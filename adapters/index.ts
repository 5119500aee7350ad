/**
 * What an integrator wants first: the chart, the server and the client. The other parts have subpaths of their own:
 * `ixgate/validators`, `ixgate/tester`, `ixgate/recording`, `ixgate/wire`, `ixgate/transports`.
 * @module ixgate
 */
export * from '../machines/index.js';
export * from './client/index.js';
export { IxgateError } from './runtime/errors.js';
export * from './server/index.js';
