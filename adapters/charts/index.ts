/** Machines of users: loading them from files, and their pictures. */
export { LoadError } from './load-error.js';
export { type LoadedMachine, loadMachine } from './load-machine.js';
export { type LoadOptions, loadModule } from './load-module.js';
export {
  MachinePages,
  type MachinePagesOptions,
  type MachineSides,
  type ShownMachine,
} from './machine-pages.js';
export { type PictureCoverage, svgChart } from './picture.js';
export { pngOf } from './png.js';
