/**
 * The actors of pages in tests of Playwright in an inspector, and in a recording for `ixgate coverage --machine`.
 * @module ixgate/playwright
 */
export {
  type InspectedPages,
  type InspectPagesOptions,
  inspectedPages,
  inspectPages,
} from './inspect-pages.js';
export { type RecordActorsOptions, recordActors } from './record-actors.js';
