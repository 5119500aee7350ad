/** The wire: the codec seam, and the JSON codec that ships. */
export * from './codec.js';
export { answerLimits, defaultFrameLimits, frameFault } from './fault.js';
export { jsonCodec } from './json-codec.js';
