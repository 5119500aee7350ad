import type { Socket } from 'node:net';
import { certificateOf, type Peer, peerOf, servernameOf } from './peer.js';
import { StreamConnection } from './stream-connection.js';
import { peerAnswers } from './tcp-probe.js';

/** A TCP, TLS or unix socket as a connection. The socket must be connected, and created with `allowHalfOpen`. */
export class SocketConnection extends StreamConnection {
  declare protected readonly stream: Socket;
  /** Number of writes, up to 2. */
  #writes: number;

  /**
   * @param peer the peer, where it is known already
   * @param isBare whether the socket was accepted without options; they are then set when they begin to matter
   */
  constructor(
    socket: Socket,
    scheme: 'tcp' | 'tls' | 'unix',
    peer: Peer = peerOf(socket),
    isBare = false,
  ) {
    super(socket, scheme, peer.remoteAddress, scheme === 'tls' ? certificateOf(socket) : null);
    this.#writes = isBare ? 0 : 2;
  }

  get remotePort(): number {
    return this.stream.remotePort ?? 0;
  }

  get servername(): string | undefined {
    return this.scheme === 'tls' ? servernameOf(this.stream) : undefined;
  }

  protected override beforeWrite(): void {
    // From the second write on, Nagle's algorithm would hold the data until the peer has acknowledged the previous write.
    if (this.#writes < 2 && ++this.#writes === 2) this.stream.setNoDelay(true);
  }

  probe(timeout: number): Promise<boolean> {
    return peerAnswers(this.stream, timeout);
  }

  enableKeepAlive(silence: number): void {
    if (!this.closing && !this.stream.destroyed) this.stream.setKeepAlive(true, silence);
  }

  reset(): void {
    this.closing = true;
    if (this.scheme === 'tcp') this.stream.resetAndDestroy();
    else this.stream.destroy();
  }
}

/** A socket whose client stands behind a proxy. */
export class ProxiedConnection extends SocketConnection {
  readonly proxyAddress: string | undefined;
  readonly #remotePort: number;

  constructor(socket: Socket, scheme: 'tcp' | 'tls' | 'unix', peer: Peer, isBare = false) {
    super(socket, scheme, peer, isBare);
    this.proxyAddress = peer.proxyAddress;
    this.#remotePort = peer.remotePort;
  }

  override get remotePort(): number {
    return this.#remotePort;
  }
}
