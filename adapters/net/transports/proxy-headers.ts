import type { Socket } from 'node:net';
import { awaitProxyHeader } from '../proxy-protocol/await-header.js';
import { HandshakeError, Handshakes } from './handshakes.js';
import type { Peer } from './peer.js';
import type { ListenOptions } from './transport.js';

/** A connection whose header was read. */
export interface AfterHeader {
  /** When the connection was accepted, on the monotonic clock; milliseconds. */
  readonly acceptedAt: number;
  /** Bytes of the header. */
  readonly bytesBefore: number;
}

/** The connections of one listener that must begin with a header of the PROXY protocol. They get their slots after it. */
export class ProxyHeaders {
  readonly #options: ListenOptions;
  readonly #handshakes: Handshakes;
  readonly #arrived: (socket: Socket, peer: Peer, after: AfterHeader) => void;

  /** @param arrived called with the client of a connection; its data is still unread */
  constructor(
    options: ListenOptions,
    arrived: (socket: Socket, peer: Peer, after: AfterHeader) => void,
  ) {
    this.#options = options;
    this.#handshakes = new Handshakes('PROXY protocol header', options);
    this.#arrived = arrived;
  }

  /** @param peer the proxy */
  accept(socket: Socket, peer: Peer): void {
    if (!this.#options.trusts?.(peer.remoteAddress)) {
      this.#refuse(socket, peer);
      return;
    }
    const handshakes = this.#handshakes;
    handshakes.begin(socket, { place: null, peer });
    awaitProxyHeader(socket, (header) => {
      if ('problem' in header) {
        const text = `PROXY protocol header expected from ${peer.remoteAddress}; received ${header.problem}`;
        handshakes.failed(socket, new HandshakeError('BAD_PROXY_HEADER', text));
        socket.destroy();
        return;
      }
      // It cannot ask to register any more, and the end was reported already.
      const acceptedAt = socket.readableEnded ? null : handshakes.withdraw(socket);
      if (acceptedAt === null) {
        socket.destroy();
        return;
      }
      const { client, length } = header;
      const stated = client ? { ...client, proxyAddress: peer.remoteAddress } : peer;
      this.#arrived(socket, stated, { acceptedAt, bytesBefore: length });
    });
  }

  /** Destroys the connections that wait for their header. */
  abandon(): void {
    this.#handshakes.abandon();
  }

  /** The connection counts for its address like any other, and gets a penalty. */
  #refuse(socket: Socket, peer: Peer): void {
    const { admit, onHandshakeFailed } = this.#options;
    socket.on('error', () => {});
    socket.destroy();
    const place = admit?.(peer) ?? null;
    if (place && !('release' in place)) return;
    const { remoteAddress } = peer;
    const cause = new Error(`${remoteAddress} is not in trustProxy`);
    const text = `${remoteAddress} connected where the PROXY protocol is required, and is not in trustProxy`;
    onHandshakeFailed(
      { ...peer, error: new HandshakeError('UNTRUSTED_PROXY', text, { cause }) },
      place,
    );
    place?.release();
  }
}
