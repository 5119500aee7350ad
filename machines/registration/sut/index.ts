export * from './inputs.js';
export * from './server-model.js';
export * from './simulated-server.js';
