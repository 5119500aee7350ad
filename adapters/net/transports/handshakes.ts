import type { Socket } from 'node:net';
import { IxgateError } from '../../runtime/errors.js';
import type { Peer } from './peer.js';
import type { ConnectionSlot, ListenOptions, Rejection } from './transport.js';

/**
 * A TLS handshake, a WebSocket upgrade or the header of a proxy failed. `cause` is the system's error, if there is one.
 * Codes: HANDSHAKE_FAILED, HANDSHAKE_TIMEOUT, BAD_PROXY_HEADER (missing or invalid), UNTRUSTED_PROXY (from a peer that is not in `trustProxy`).
 */
export class HandshakeError extends IxgateError {
  override readonly name = 'HandshakeError';
  /** The client closed the connection without sending a byte, or sent a plain HTTP request, as health checks do. */
  readonly isProbe: boolean;
  constructor(
    code: 'HANDSHAKE_FAILED' | 'HANDSHAKE_TIMEOUT' | 'BAD_PROXY_HEADER' | 'UNTRUSTED_PROXY',
    message: string,
    { cause, isProbe = false }: { readonly cause?: Error | null; readonly isProbe?: boolean } = {},
  ) {
    super(code, message, cause ? { cause } : undefined);
    this.isProbe = isProbe;
  }
}

/** Maximum number of connections of one listener that wait without a slot, because a trusted proxy has not stated their client yet. */
const maxWithoutSlot = 1_024;

/** A connection whose handshake is finished. */
export interface Finished {
  readonly place: ConnectionSlot;
  readonly peer: Peer;
}

interface Pending {
  readonly socket: Socket;
  readonly acceptedAt: number;
  /** Bytes that were read before the handshake. */
  readonly bytesBefore: number;
  readonly timer: NodeJS.Timeout;
  peer: Peer;
  /** Null until the client of a proxy is known. */
  place: ConnectionSlot | null;
  /** Why it failed; null while it has not. */
  failure: HandshakeError | null;
  hasTimedOut: boolean;
  isProbe: boolean;
}

/** How a handshake begins. */
export interface Beginning {
  readonly peer: Peer;
  /** Null for a connection whose client is not known yet; `admit` requests its slot later. */
  readonly place: ConnectionSlot | null;
  /** @default that of the slot, or now */
  readonly acceptedAt?: number;
  /** Bytes of the socket that were read before. @default 0 */
  readonly bytesBefore?: number;
}

/** A slot without a limit. */
export function unlimitedSlot(acceptedAt = performance.now()): ConnectionSlot {
  return { acceptedAt, release: () => {} };
}

/**
 * The accepted connections of one listener whose handshake is not finished. Each has `handshakeTimeout` from its accept, whatever it sends.
 * A failed handshake is reported once, when its socket is gone.
 *
 * Node passes the TLS socket and not the TCP socket below it, so the two are matched by their addresses.
 */
export class Handshakes {
  readonly #options: ListenOptions;
  readonly #what: string;
  readonly #pending = new Map<string | Socket, Pending>();
  #withoutSlot = 0;

  /** @param what the name of the handshake, for error texts */
  constructor(what: string, options: ListenOptions) {
    this.#what = what;
    this.#options = options;
  }

  /** A socket was accepted. */
  begin(socket: Socket, { peer, place, acceptedAt, bytesBefore = 0 }: Beginning): void {
    const { handshakeTimeout, onHandshakeFailed } = this.#options;
    const since = acceptedAt ?? place?.acceptedAt ?? performance.now();
    if (place === null && this.#withoutSlot >= maxWithoutSlot) {
      const text = `more than ${maxWithoutSlot} connections of proxies wait for their ${this.#what}`;
      socket.on('error', () => {});
      socket.destroy();
      onHandshakeFailed({ ...peer, error: new HandshakeError('HANDSHAKE_FAILED', text) }, null);
      return;
    }
    const key = connectionKey(socket);
    const pending: Pending = {
      socket,
      peer,
      place,
      acceptedAt: since,
      bytesBefore,
      failure: null,
      hasTimedOut: false,
      isProbe: false,
      timer: setTimeout(
        () => this.#timedOut(key, socket),
        handshakeTimeout - (performance.now() - since),
      ),
    };
    if (place === null) this.#withoutSlot += 1;
    this.#pending.set(key, pending);
    // They do not refer to `pending`: Node's handle keeps a socket with its listeners until a full garbage collection.
    socket.on('error', (error) => this.#broke(key, socket, error));
    socket.once('close', () => this.#closed(key, socket));
  }

  /** The peer of a pending connection; null when it is not pending. */
  peerOf(socket: Socket): Peer | null {
    return this.#pending.get(connectionKey(socket))?.peer ?? null;
  }

  /**
   * Requests the slot of a pending connection without one, for its client.
   * @returns the rejection, whose connection is not pending any more; null when the connection has a slot
   */
  admit(socket: Socket, peer: Peer): Rejection | null {
    const key = connectionKey(socket);
    const pending = this.#pending.get(key);
    if (!pending || pending.place) return null;
    const { acceptedAt } = pending;
    const place = this.#options.admit?.(peer, acceptedAt) ?? unlimitedSlot(acceptedAt);
    if (!('release' in place)) {
      this.#forget(key, pending);
      return place;
    }
    this.#withoutSlot -= 1;
    pending.place = place;
    pending.peer = peer;
    return null;
  }

  /** Stores the reason for the report. The caller ends the socket. */
  failed(socket: Socket, error: Error): void {
    const pending = this.#pending.get(connectionKey(socket));
    if (pending) this.#record(pending, error);
  }

  /** The client sent a plain HTTP request. The caller answers it and ends the socket. */
  probed(socket: Socket, error: Error): void {
    const pending = this.#pending.get(connectionKey(socket));
    if (!pending) return;
    pending.isProbe = true;
    this.#record(pending, error);
  }

  /**
   * The handshake is finished.
   * @param socket the accepted socket, or the TLS socket over it
   * @returns null when the peer has left, then destroy the socket
   */
  finish(socket: Socket): Finished | null {
    const key = connectionKey(socket);
    const pending = this.#pending.get(key);
    if (!pending || socket.destroyed) return null;
    this.#forget(key, pending);
    const { peer, place } = pending;
    return place && { peer, place };
  }

  /** Gives up a pending connection without a slot, whose next step begins. @returns when it was accepted; null when its peer has left */
  withdraw(socket: Socket): number | null {
    const key = connectionKey(socket);
    const pending = this.#pending.get(key);
    if (!pending || socket.destroyed) return null;
    this.#forget(key, pending);
    return pending.acceptedAt;
  }

  /** Destroys all pending connections without a report. */
  abandon(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#withoutSlot = 0;
    for (const { socket, place, timer } of pending) {
      clearTimeout(timer);
      socket.destroy();
      place?.release();
    }
  }

  #timedOut(key: string | Socket, socket: Socket): void {
    const pending = this.#pending.get(key);
    if (pending?.socket === socket) pending.hasTimedOut = pending.failure === null;
    socket.destroy();
  }

  #broke(key: string | Socket, socket: Socket, error: Error): void {
    const pending = this.#pending.get(key);
    if (pending?.socket === socket) this.#record(pending, error);
  }

  #closed(key: string | Socket, socket: Socket): void {
    const pending = this.#pending.get(key);
    if (pending?.socket !== socket) return;
    this.#forget(key, pending);
    const { peer, place } = pending;
    this.#options.onHandshakeFailed({ ...peer, error: this.#errorOf(pending) }, place);
    place?.release();
  }

  #forget(key: string | Socket, pending: Pending): void {
    clearTimeout(pending.timer);
    this.#pending.delete(key);
    if (pending.place === null) this.#withoutSlot -= 1;
  }

  #record(pending: Pending, error: Error & { reason?: unknown }): void {
    if (pending.hasTimedOut || pending.failure) return;
    if (error instanceof HandshakeError) {
      pending.failure = error;
      return;
    }
    // The message of OpenSSL is its whole error stack in one line; `reason` is the part for people.
    const reason = typeof error.reason === 'string' ? error.reason : error.message;
    const text = `${this.#what} failed: ${reason}`;
    pending.failure = new HandshakeError('HANDSHAKE_FAILED', text, { cause: error });
  }

  /** The error for the report. Only after the socket is gone it is known whether the client sent anything. */
  #errorOf({ socket, failure, hasTimedOut, isProbe, bytesBefore }: Pending): HandshakeError {
    if (hasTimedOut) {
      const text = `no ${this.#what} within ${this.#options.handshakeTimeout} ms`;
      return new HandshakeError('HANDSHAKE_TIMEOUT', text);
    }
    const left = `closed by the peer before the ${this.#what} was finished`;
    if (failure && failure.code !== 'HANDSHAKE_FAILED') return failure;
    return new HandshakeError('HANDSHAKE_FAILED', failure?.message ?? left, {
      cause: (failure?.cause as Error | undefined) ?? null,
      isProbe: isProbe || socket.bytesRead <= bytesBefore,
    });
  }
}

/** A key that a TLS socket shares with the socket below it. The peers of unix sockets have no addresses; their sockets are their own keys. */
export function connectionKey(socket: Socket): string | Socket {
  const { remoteAddress, remotePort, localAddress } = socket;
  return remotePort === undefined ? socket : `${remoteAddress}|${remotePort}|${localAddress}`;
}
