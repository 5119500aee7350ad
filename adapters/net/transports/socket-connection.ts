import type { Socket } from 'node:net';
import { deadlineClock } from '../../runtime/deadlines.js';
import { certificateOf, type Peer, peerOf } from './peer.js';
import { peerAnswers } from './tcp-probe.js';
import type { CloseCause, Connection, ConnectionHandlers } from './transport.js';

/** Milliseconds a closed connection may take to be read by the peer before it is destroyed. */
export const linger = 1_000;
/** Bytes of a peer that a closed connection reads and drops; it reads no more of one that goes on sending: dropping takes time, too. */
export const maxDropped = 1_048_576;

/** Where a socket keeps its connection: what listens to sockets is shared by all of them. */
const connection = Symbol('connection');
type ConnectedSocket = Socket & { [connection]?: SocketConnection | undefined };

/** A TCP or TLS socket as a connection. The socket must be connected, and made with `allowHalfOpen`. */
export class SocketConnection implements Connection {
  readonly scheme: 'tcp' | 'tls';
  readonly remoteAddress: string;
  readonly certificate: Connection['certificate'];
  readonly #socket: Socket;
  #handlers: ConnectionHandlers | null = null;
  #error: Error | null = null;
  /** Closed or destroyed from this side: nothing is delivered any more but `closed`. */
  #closing = false;
  #gone = false;
  #paused = false;
  /** How often it was written to, up to the second time. */
  #writes: number;
  #lingering: unknown;
  /** Bytes that came since it was closed. */
  #dropped = 0;

  /**
   * @param peer where it is known already.
   * @param isBare whether the socket was accepted with no options set: they are set when they begin to matter.
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
    // A listener for data sets the socket flowing, unless it was paused by name.
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
    // From then on what is written would wait until the peer has confirmed what was written before.
    if (this.#writes < 2 && ++this.#writes === 2) socket.setNoDelay(true);
    const isTaken = socket.write(what);
    if (isTaken) return true;
    // So much is not held back any longer: only what the system does not take counts as waiting.
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
    // Both have said their last, and all of it is said.
    if (socket.readableEnded && socket.writableLength === 0) {
      socket.destroy();
      return;
    }
    // A socket destroyed with unread input sends a reset, which can overtake what was written last: read on and drop.
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
    // Not destroyed: a reset could overtake what was written last.
    if (this.#dropped > maxDropped) this.#socket.pause();
  }

  /** @internal */
  ended(): void {
    if (this.#closing) return;
    // A TLS alert comes as an error and then as an end: the error is the news, and `closed` brings it.
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
    // Node's handle keeps the socket until all memory is looked through; what hangs on the socket would stay as long.
    (this.#socket as ConnectedSocket)[connection] = undefined;
    deadlineClock.clearTimeout(this.#lingering);
    this.#handlers?.closed(this.#cause());
  }

  /** What broke the connection; how it ends after this side has closed it is of no interest. */
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
