import type { Socket } from 'node:net';
import { linger } from './stream-connection.js';

/**
 * Maximum number of sockets that are sent a notice at once, for all listeners together. Further ones are closed without a notice, because
 * each takes a descriptor although it has no slot.
 */
const maxNotices = 32;
/** Maximum number of bytes of a rejected client that are read and dropped. */
const maxDropped = 65_536;
let leaving = 0;

/**
 * Sends a rejected client its notice and closes the connection within a second. Input of the client is dropped.
 * @param text the notice
 */
export function sendRejectionNotice(socket: Socket, text: string | Uint8Array): void {
  socket.on('error', () => {});
  if (leaving >= maxNotices) {
    socket.destroy();
    return;
  }
  leaving += 1;
  const timer = setTimeout(() => socket.destroy(), linger);
  socket.once('close', () => {
    leaving -= 1;
    clearTimeout(timer);
  });
  socket.end(text);
  // Destroying a socket with unread input sends a reset, which can overtake the notice.
  let dropped = 0;
  socket.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > maxDropped) socket.pause();
  });
  socket.once('end', () => socket.destroy());
}
