/** Machines of users: loading them from files. */
export { LoadError } from './load-error.js';
export { type LoadedMachine, loadMachine } from './load-machine.js';
export { type LoadOptions, loadModule } from './load-module.js';
