/** The configuration of `ixgate serve`: flags, environment and file, checked by one schema. */

export { WatchedFiles } from '../files/watched-files.js';
export { limitNames as limitKeys } from '../server/limits/index.js';
export {
  type ConfigInput,
  type Effective,
  type InspectedConfig,
  inspectConfig,
  type LoadedConfig,
  loadConfig,
  type ServeConfig,
  shownOptions,
} from './config.js';
export { configNames } from './config-names.js';
export { ConfigError } from './errors.js';
export { type OptionGroup, type OptionRow, optionGroups } from './option-row.js';
export {
  flagOf,
  helpOf,
  type ServeKey,
  serveKeys,
  serveOptions,
  variableOf,
} from './options.js';
export type { Flags } from './sources.js';
export { loadTls } from './tls-files.js';
