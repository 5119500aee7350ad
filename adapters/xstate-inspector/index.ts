/**
 * The local inspector of apps with XState 5; and live sessions for viewers of xstate 4: the genuine @xstate/inspect, fed from step records.
 * @module ixgate/inspector
 */
export {
  type ActorJson,
  type AppJson,
  type AppsJson,
  createInspector,
  type EventJson,
  type Inspector,
  type InspectorLimits,
  type InspectorOptions,
  type InspectorServer,
  type InspectorServerOptions,
  openInspector,
  type StateValue,
} from '../inspector/index.js';
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
