/**
 * The gate as a Fastify plugin.
 * @module ixgate/fastify
 */
export {
  type GatePluginOptions,
  gatePlugin as default,
  gatePlugin,
  PluginOrderError,
} from './plugin.js';
