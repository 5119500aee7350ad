/** The genuine receiver, found from anywhere in the repository: the package itself lies in this workspace only. */
export { createWebSocketReceiver } from '@xstate/inspect';
