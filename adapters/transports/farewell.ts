import type { Socket } from 'node:net';
import { linger } from './socket-connection.js';

/**
 * Sockets that are being told why they are turned away, of all listeners together; any more are ended without a word. They
 * have descriptors though they have no place.
 */
const most = 32;

/** Tells those who get no place, and lets go of them within a second. */
export class Farewells {
  static #leaving = 0;

  /** @param text the last thing that is sent; what the client sent meanwhile is dropped. */
  say(socket: Socket, text: string | Uint8Array): void {
    socket.on('error', () => {});
    if (Farewells.#leaving >= most) {
      socket.destroy();
      return;
    }
    Farewells.#leaving += 1;
    const timer = setTimeout(() => socket.destroy(), linger);
    socket.once('close', () => {
      Farewells.#leaving -= 1;
      clearTimeout(timer);
    });
    socket.end(text);
    // A socket that is destroyed with unread input sends a reset, which can overtake the text.
    socket.resume();
    socket.once('end', () => socket.destroy());
  }
}
