export * from './criteria.js';
export * from './formats/index.js';
export * from './suite.js';
export * from './suite-file.js';
export * from './suite-of.js';
