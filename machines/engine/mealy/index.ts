export * from '../../registration/chart/registration-table.js';
export * from '../table/explore.js';
export * from '../table/not-finite.js';
export * from '../table/table.js';
export * from './covers.js';
export * from './distinguishing.js';
export * from './mealy-machine.js';
export * from './minimal.js';
