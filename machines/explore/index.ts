export * from './covers.js';
export * from './distinguishing.js';
export * from './explore.js';
export * from './finite-machine.js';
export * from './minimal.js';
export * from './not-finite.js';
export * from './registration-table.js';
export * from './table.js';
