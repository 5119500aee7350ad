/** The local inspector of apps with XState 5: its server, and the callback for apps. */

export type { StateValue } from '../../machines/engine/inspection/messages.js';
export type { ActorJson, AppJson, AppsJson, EventJson } from './apps-json.js';
export { createInspector } from './client/index.js';
export type { Inspector, InspectorOptions } from './client/options.js';
export type { InspectorLimits } from './limits.js';
export { openInspector } from './open.js';
export type { InspectorServer, InspectorServerOptions } from './open-inspector.js';
