import type { Socket } from 'node:net';
import { deadlineClock } from '../../runtime/deadlines.js';
import { certificateOf, type Peer, peerOf } from './peer.js';
import { peerAnswers } from './tcp-probe.js';
import type { CloseCause, Connection, ConnectionHandlers } from './transport.js';

/** Milliseconds that a closed connection waits for its peer to read, before it is destroyed. */
export const linger = 1_000;
/** Maximum number of bytes that a closed connection reads and drops. It stops reading then, because dropping takes time too. */
export const maxDropped = 1_048_576;

/** The property of a socket that has its connection. All sockets share their listener functions. */
const connection = Symbol('connection');
type ConnectedSocket = Socket & { [connection]?: SocketConnection | undefined };

/** A TCP or TLS socket as a connection. The socket must be connected, and created with `allowHalfOpen`. */
export class SocketConnection implements Connection {
  readonly scheme: 'tcp' | 'tls';
  readonly remoteAddress: string;
  readonly certificate: Connection['certificate'];
  readonly #socket: Socket;
  #handlers: ConnectionHandlers | null = null;
  #error: Error | null = null;
  /** This side closed or destroyed it: only `closed` is still delivered. */
  #closing = false;
  #gone = false;
  #paused = false;
  /** Number of writes, up to 2. */
  #writes: number;
  #lingering: unknown;
  /** Bytes received since it was closed. */
  #dropped = 0;

  /**
   * @param peer the peer, where it is known already
   * @param isBare whether the socket was accepted without options; they are then set when they begin to matter
   */
  constructor(socket: Socket, scheme: 'tcp' | 'tls', peer: Peer = peerOf(socket), isBare = false) {
    this.#socket = socket;
    this.scheme = scheme;
    this.remoteAddress = peer.remoteAddress;
    this.certificate = scheme === 'tls' ? certificateOf(socket) : null;
    this.#writes = isBare ? 0 : 2;
    (socket as ConnectedSocket)[connection] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
    if (socket.destroyed && socket.closed) this.#gone = true;
  }

  get framing() {
    return 'stream' as const;
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0;
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
    socket.on('end', onEnd);
    // A data listener starts the flow, unless the socket was paused explicitly.
    if (this.#paused) socket.pause();
    socket.on('data', onData);
  }

  write(bytes: Uint8Array): boolean {
    return this.#write(bytes);
  }

  writeText(text: string): boolean {
    return this.#write(text);
  }

  #write(what: Uint8Array | string): boolean {
    const socket = this.#socket;
    if (this.#closing || !socket.writable) return false;
    // From the second write on, Nagle's algorithm would hold the data until the peer has acknowledged the previous write.
    if (this.#writes < 2 && ++this.#writes === 2) socket.setNoDelay(true);
    const isTaken = socket.write(what);
    if (isTaken) return true;
    // Above the high-water mark nothing is corked, so only data that the system does not take counts as waiting.
    socket.uncork();
    if (socket.listenerCount('drain') === 0) socket.on('drain', onDrain);
    return false;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  pause(): void {
    this.#paused = true;
    if (this.#handlers && !this.#closing) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#handlers && !this.#closing) this.#socket.resume();
  }

  probe(timeout: number): Promise<boolean> {
    return peerAnswers(this.#socket, timeout);
  }

  enableKeepAlive(silence: number): void {
    if (!this.#closing && !this.#gone) this.#socket.setKeepAlive(true, silence);
  }

  close(_cause: CloseCause): void {
    if (this.#closing || this.#gone) return;
    this.#closing = true;
    const socket = this.#socket;
    // Both sides have ended, and everything is written.
    if (socket.readableEnded && socket.writableLength === 0) {
      socket.destroy();
      return;
    }
    // Destroying a socket with unread input sends a reset, which can overtake the last data. So input is read and dropped.
    socket.resume();
    socket.end();
    this.#lingering = deadlineClock.setTimeout(() => socket.destroy(), linger);
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

  /** @internal */
  received(chunk: Buffer): void {
    if (!this.#closing) {
      this.#handlers?.data(chunk, 'text');
      return;
    }
    this.#dropped += chunk.length;
    // The socket is not destroyed: a reset could overtake the last data.
    if (this.#dropped > maxDropped) this.#socket.pause();
  }

  /** @internal */
  ended(): void {
    if (this.#closing) return;
    // A TLS alert is an error followed by an end; `closed` reports the error.
    if (this.#error) this.#socket.destroy();
    else this.#handlers?.end();
  }

  /** @internal */
  drained(): void {
    if (!this.#closing) this.#handlers?.drain();
  }

  /** @internal */
  broke(error: Error): void {
    this.#error ??= error;
  }

  /** @internal */
  closed(): void {
    if (this.#gone) return;
    this.#gone = true;
    // Node's handle keeps the socket until a full garbage collection, and with it everything the socket refers to.
    (this.#socket as ConnectedSocket)[connection] = undefined;
    deadlineClock.clearTimeout(this.#lingering);
    this.#handlers?.closed(this.#cause());
  }

  /** The error that broke the connection; null after this side has closed it. */
  #cause(): Error | null {
    return this.#closing ? null : this.#error;
  }
}

function onData(this: ConnectedSocket, chunk: Buffer): void {
  this[connection]?.received(chunk);
}

function onEnd(this: ConnectedSocket): void {
  this[connection]?.ended();
}

function onDrain(this: ConnectedSocket): void {
  this[connection]?.drained();
}

function onError(this: ConnectedSocket, error: Error): void {
  this[connection]?.broke(error);
}

function onClose(this: ConnectedSocket): void {
  this[connection]?.closed();
}
