export { createWebSocketReceiver } from '@xstate/inspect';
export type { InspectReceiver, ParsedReceiverEvent } from '@xstate/inspect/lib/types.js';
