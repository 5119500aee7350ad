/**
 * Live sessions for viewers of xstate 4: the genuine @xstate/inspect, fed from step records.
 * @module ixgate/inspectoror
 */
export {
  createInspectBridge,
  type InspectBridge,
  type InspectCounts,
  type InspectNews,
  type InspectOptions,
} from './bridge.js';
export { createInspectFacade, type InspectFacade } from './facade.js';
export { InspectMissingError } from './genuine.js';
export { type XStateHandler, xstateHandler } from './handler.js';
export { openStately, StatelyMissingError, type StatelyOptions } from './stately.js';
