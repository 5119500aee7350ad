import type { Socket } from 'node:net';
import { IxgateError } from '../errors.js';
import { type Peer, peerOf } from './peer.js';
import type { ListenOptions, Place } from './transport.js';

/** A TLS handshake or a WebSocket upgrade did not succeed. `cause` is the system's error, if there is one. */
export class HandshakeError extends IxgateError {
  override readonly name = 'HandshakeError';
  constructor(code: 'HANDSHAKE_FAILED' | 'HANDSHAKE_TIMEOUT', message: string, cause?: Error) {
    super(code, message, cause && { cause });
  }
}

interface Pending {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly place: Place;
  readonly timer: NodeJS.Timeout;
  error: Error | null;
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
  begin(socket: Socket, place: Place): void {
    const { handshakeTimeout, onHandshakeFailed } = this.#options;
    const key = keyOf(socket);
    const pending: Pending = {
      socket,
      peer: peerOf(socket),
      place,
      error: null,
      timer: setTimeout(() => {
        const text = `no ${this.#what} within ${handshakeTimeout} ms`;
        pending.error ??= new HandshakeError('HANDSHAKE_TIMEOUT', text);
        socket.destroy();
      }, handshakeTimeout),
    };
    this.#pending.set(key, pending);
    socket.on('error', (error) => this.#record(pending, error));
    socket.once('close', () => {
      clearTimeout(pending.timer);
      if (this.#pending.get(key) !== pending) return;
      this.#pending.delete(key);
      const text = `closed by the peer before the ${this.#what} was finished`;
      const error = pending.error ?? new HandshakeError('HANDSHAKE_FAILED', text);
      onHandshakeFailed({ ...pending.peer, error }, place);
      place.release();
    });
  }

  /** Keeps the reason for the report. The caller ends the socket. */
  failed(socket: Socket, error: Error): void {
    const pending = this.#pending.get(keyOf(socket));
    if (pending) this.#record(pending, error);
  }

  /**
   * The connection is set up.
   * @param socket the accepted one, or the TLS socket over it.
   * @returns its place; null when the peer has gone meanwhile: destroy it.
   */
  finish(socket: Socket): Place | null {
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
    pending.error ??= new HandshakeError('HANDSHAKE_FAILED', text, error);
  }
}

function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localAddress}`;
}
