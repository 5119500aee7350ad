/** Watches XState 4 services that use @xstate/inspect on a WebSocket. */
export { Foreign } from './foreign.js';
export { type ForeignView, openXStateInspector } from './inspector.js';
