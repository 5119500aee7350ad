/** The wire: the contract of a codec, and the JSON codec. */
export * from './codec.js';
export { answerLimits, defaultFrameLimits, frameFault } from './fault.js';
export { jsonCodec } from './json-codec.js';
