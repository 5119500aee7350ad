import type { Socket } from 'node:net';
import { linger } from './socket-connection.js';

/**
 * Sockets that are being told why they are turned away, of all listeners together; any more are ended without a word. They
 * have descriptors though they have no place.
 */
const most = 32;
/** Bytes that are read and dropped of one of them: it was to wait for an answer. */
const maxDropped = 65_536;
let leaving = 0;

/**
 * Tells one that gets no place why, and lets go of it within a second.
 * @param text the last thing that is sent; what the client sent meanwhile is dropped.
 */
export function sendRejectionNotice(socket: Socket, text: string | Uint8Array): void {
  socket.on('error', () => {});
  if (leaving >= most) {
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
  // A socket that is destroyed with unread input sends a reset, which can overtake the text.
  let dropped = 0;
  socket.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > maxDropped) socket.pause();
  });
  socket.once('end', () => socket.destroy());
}
