import type { EventEmitter } from 'node:events';

/**
 * Resolves when a socket is closed, with or without an error, with the arguments of its 'close' event (for a WebSocket the close code first).
 * `once` of node:events would reject at the first error.
 */
export function closedOf(socket: EventEmitter): Promise<unknown[]> {
  return new Promise((resolve) => socket.once('close', (...what: unknown[]) => resolve(what)));
}
