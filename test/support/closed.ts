import type { EventEmitter } from 'node:events';

/**
 * Resolves when a socket is closed, broken or not, with what its 'close' event carries (a WebSocket's close code first).
 * `once` of node:events would reject at the first error.
 */
export function closedOf(socket: EventEmitter): Promise<unknown[]> {
  return new Promise((resolve) => socket.once('close', (...what: unknown[]) => resolve(what)));
}
