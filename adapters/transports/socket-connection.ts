import type { Socket } from 'node:net';
import { certificateOf, peerOf } from './peer.js';
import type { CloseCause, Connection, ConnectionHandlers } from './transport.js';

/** Milliseconds a closed connection may take to be read by the peer before it is destroyed. */
export const linger = 1_000;

/** A TCP or TLS socket as a connection. The socket must be connected, and made with `allowHalfOpen`. */
export class SocketConnection implements Connection {
  readonly scheme: 'tcp' | 'tls';
  readonly framing = 'stream';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly certificate: Connection['certificate'];
  readonly #socket: Socket;
  #handlers: ConnectionHandlers | null = null;
  #error: Error | null = null;
  /** Closed or destroyed from this side: nothing is delivered any more but `closed`. */
  #closing = false;
  #gone = false;
  #paused = false;
  #lingering: NodeJS.Timeout | undefined;

  constructor(socket: Socket, scheme: 'tcp' | 'tls') {
    this.#socket = socket;
    this.scheme = scheme;
    ({ remoteAddress: this.remoteAddress, remotePort: this.remotePort } = peerOf(socket));
    this.certificate = certificateOf(socket);
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.once('close', () => this.#closed());
    if (socket.destroyed && socket.closed) this.#gone = true;
  }

  get unsent(): number {
    return this.#socket.writableLength;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#gone) {
      queueMicrotask(() => handlers.closed(this.#cause()));
      return;
    }
    const socket = this.#socket;
    socket.on('end', () => {
      if (this.#closing) return;
      // A TLS alert comes as an error and then as an end: the error is the news, and `closed` brings it.
      if (this.#error) socket.destroy();
      else handlers.end();
    });
    socket.on('drain', () => {
      if (!this.#closing) handlers.drain();
    });
    // A listener for data sets the socket flowing, unless it was paused by name.
    if (this.#paused) socket.pause();
    socket.on('data', (chunk: Buffer) => {
      if (!this.#closing) handlers.data(chunk, 'text');
    });
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closing || !this.#socket.writable) return false;
    return this.#socket.write(bytes);
  }

  pause(): void {
    this.#paused = true;
    if (this.#handlers && !this.#closing) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#handlers && !this.#closing) this.#socket.resume();
  }

  close(_cause: CloseCause): void {
    if (this.#closing || this.#gone) return;
    this.#closing = true;
    // A socket destroyed with unread input sends a reset, which can overtake what was written last: read on and drop.
    this.#socket.resume();
    this.#socket.end();
    this.#lingering = setTimeout(() => this.#socket.destroy(), linger);
  }

  destroy(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  reset(): void {
    this.#closing = true;
    if (this.scheme === 'tcp') this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #closed(): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#lingering);
    this.#handlers?.closed(this.#cause());
  }

  /** What broke the connection; how it ends after this side has closed it is of no interest. */
  #cause(): Error | null {
    return this.#closing ? null : this.#error;
  }
}
