import type { Socket } from 'node:net';
import { IxgateError } from '../../runtime/errors.js';
import { type Peer, peerOf } from './peer.js';
import type { ConnectionSlot, ListenOptions } from './transport.js';

/** A TLS handshake or a WebSocket upgrade did not succeed. `cause` is the system's error, if there is one. */
export class HandshakeError extends IxgateError {
  override readonly name = 'HandshakeError';
  /** The client closed the connection without having sent a byte, or sent a plain HTTP request: health checks do. */
  readonly isProbe: boolean;
  constructor(
    code: 'HANDSHAKE_FAILED' | 'HANDSHAKE_TIMEOUT',
    message: string,
    { cause, isProbe = false }: { readonly cause?: Error | null; readonly isProbe?: boolean } = {},
  ) {
    super(code, message, cause ? { cause } : undefined);
    this.isProbe = isProbe;
  }
}

interface Pending {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly place: ConnectionSlot;
  readonly timer: NodeJS.Timeout;
  /** Why it failed, and its cause; null until it did. */
  failure: { readonly text: string; readonly cause: Error } | null;
  hasTimedOut: boolean;
  isProbe: boolean;
}

/**
 * The connections of one listener that are accepted and not yet set up. Each is given `handshakeTimeout` from its accept,
 * whatever it sends meanwhile, and each that does not make it is reported once, when its socket is gone.
 *
 * Node hands out the TLS socket and not the one it wraps, so the two are matched by their address.
 */
export class Handshakes {
  readonly #options: ListenOptions;
  readonly #what: string;
  readonly #pending = new Map<string, Pending>();

  /** @param what what is awaited, for error texts. */
  constructor(what: string, options: ListenOptions) {
    this.#what = what;
    this.#options = options;
  }

  /** A socket was accepted. */
  begin(socket: Socket, place: ConnectionSlot): void {
    const { handshakeTimeout, onHandshakeFailed } = this.#options;
    const key = keyOf(socket);
    const pending: Pending = {
      socket,
      peer: peerOf(socket),
      place,
      failure: null,
      hasTimedOut: false,
      isProbe: false,
      timer: setTimeout(() => {
        pending.hasTimedOut = pending.failure === null;
        socket.destroy();
      }, handshakeTimeout),
    };
    this.#pending.set(key, pending);
    socket.on('error', (error) => this.#record(pending, error));
    socket.once('close', () => {
      clearTimeout(pending.timer);
      if (this.#pending.get(key) !== pending) return;
      this.#pending.delete(key);
      onHandshakeFailed({ ...pending.peer, error: this.#errorOf(pending) }, place);
      place.release();
    });
  }

  /** Keeps the reason for the report. The caller ends the socket. */
  failed(socket: Socket, error: Error): void {
    const pending = this.#pending.get(keyOf(socket));
    if (pending) this.#record(pending, error);
  }

  /** The client sent a plain HTTP request. The caller answers it and ends the socket. */
  probed(socket: Socket, error: Error): void {
    const pending = this.#pending.get(keyOf(socket));
    if (!pending) return;
    pending.isProbe = true;
    this.#record(pending, error);
  }

  /**
   * The connection is set up.
   * @param socket the accepted one, or the TLS socket over it.
   * @returns its place; null when the peer has gone meanwhile: destroy it.
   */
  finish(socket: Socket): ConnectionSlot | null {
    const key = keyOf(socket);
    const pending = this.#pending.get(key);
    if (!pending || socket.destroyed) return null;
    clearTimeout(pending.timer);
    this.#pending.delete(key);
    return pending.place;
  }

  /** Gives up all that are pending, without a report. */
  abandon(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { socket, place } of pending) {
      socket.destroy();
      place.release();
    }
  }

  #record(pending: Pending, error: Error & { reason?: unknown }): void {
    // OpenSSL's own message is its whole error stack in one line; `reason` is the part for people.
    const reason = typeof error.reason === 'string' ? error.reason : error.message;
    const text = `${this.#what} failed: ${reason}`;
    if (!pending.hasTimedOut) pending.failure ??= { text, cause: error };
  }

  /** Called when the socket is gone: only then is it known whether the client sent anything. */
  #errorOf({ socket, failure, hasTimedOut, isProbe }: Pending): HandshakeError {
    if (hasTimedOut) {
      const text = `no ${this.#what} within ${this.#options.handshakeTimeout} ms`;
      return new HandshakeError('HANDSHAKE_TIMEOUT', text);
    }
    const left = `closed by the peer before the ${this.#what} was finished`;
    return new HandshakeError('HANDSHAKE_FAILED', failure?.text ?? left, {
      cause: failure?.cause ?? null,
      isProbe: isProbe || socket.bytesRead === 0,
    });
  }
}

function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localAddress}`;
}
