import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import {
  conflict,
  conflictProblem,
  forwardedClient,
  hasForwarded,
} from '../addresses/forwarded.js';
import { boundsFor, FaultingWebSocket, optionsFor } from './faulting-web-socket.js';
import { HandshakeError, type Handshakes } from './handshakes.js';
import { refuse, refuseUnavailable } from './http-answers.js';
import { mayAsk, mayUpgrade } from './origin.js';
import type { Peer } from './peer.js';
import type { ListenOptions } from './transport.js';
import { upgradeRequestOf } from './upgrade-request.js';
import { WebSocketConnection } from './ws-connection.js';

/** The version of the WebSocket protocol (RFC 6455). */
export const version = '13';

/** Turns upgrade requests into connections. Our own listeners and `attach` share it. */
export class Upgrades {
  readonly #options: ListenOptions;
  readonly #handshakes: Handshakes;
  readonly #scheme: 'ws' | 'wss';
  readonly #server: ReturnType<typeof webSocketServer>;

  /** @param handshakes where the connections that ask for an upgrade are pending */
  constructor(options: ListenOptions, handshakes: Handshakes, scheme: 'ws' | 'wss') {
    this.#options = options;
    this.#handshakes = handshakes;
    this.#scheme = scheme;
    this.#server = webSocketServer(options.maxFrame);
    this.#server.on('wsClientError', (error, socket) => {
      handshakes.failed(socket as Socket, error);
      refuse(socket as Socket, '400 Bad Request', `Sec-WebSocket-Version: ${version}\r\n`);
    });
  }

  /**
   * Upgrades a pending connection, or refuses it. A connection without a slot gets one first.
   * @param serverHost the host of the server's address
   */
  handle(request: IncomingMessage, socket: Socket, head: Buffer, serverHost: string): void {
    const { allowedHosts = [], allowOrigin = [], maxFrame } = this.#options;
    const handshakes = this.#handshakes;
    const peer = handshakes.peerOf(socket);
    if (peer === null) {
      socket.destroy();
      return;
    }
    const client = this.#clientOf(request, peer);
    if (client === null) {
      const error = new HandshakeError('BAD_PROXY_HEADER', conflictProblem);
      this.#reject(socket, '400 Bad Request', error);
      return;
    }
    const rejection = handshakes.admit(socket, client);
    if (rejection) {
      refuseUnavailable(socket, rejection.retryAfter);
      return;
    }
    const { headers } = request;
    if (!mayAsk(headers, socket, serverHost, allowedHosts)) {
      const host = JSON.stringify(headers.host?.slice(0, 200) ?? '');
      const problem = `the Host header ${host} names another machine (allowedHosts)`;
      this.#reject(socket, '403 Forbidden', new Error(problem));
      return;
    }
    if (!mayUpgrade(headers, allowOrigin)) {
      const page = JSON.stringify(headers.origin?.slice(0, 200));
      const problem = `pages of ${page} may not connect (allowOrigin)`;
      this.#reject(socket, '403 Forbidden', new Error(problem));
      return;
    }
    Object.assign(this.#server.options, boundsFor(maxFrame));
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const done = handshakes.finish(socket);
      const connection = new WebSocketConnection(webSocket, socket, {
        scheme: this.#scheme,
        maxFrame,
        ...(done && { peer: done.peer }),
        request: upgradeRequestOf(request),
      });
      if (done) this.#options.onConnection(connection, done.place);
      else connection.destroy();
    });
  }

  #reject(socket: Socket, status: string, error: Error): void {
    this.#handshakes.failed(socket, error);
    refuse(socket, status);
  }

  /** The client of a request; null when its proxy contradicts itself. */
  #clientOf({ headers }: IncomingMessage, peer: Peer): Peer | null {
    if (!hasForwarded(headers)) return peer;
    const { trusts = () => false, onForgedAddress } = this.#options;
    if (!trusts(peer.remoteAddress)) {
      onForgedAddress?.({ ...peer, error: untrusted(peer) });
      return peer;
    }
    const client = forwardedClient(headers, peer, { has: trusts });
    if (client === conflict) return null;
    return client === peer ? peer : { ...client, proxyAddress: peer.remoteAddress };
  }
}

function webSocketServer(maxFrame: number) {
  return new WebSocketServer<typeof FaultingWebSocket>({
    ...optionsFor(maxFrame),
    noServer: true,
    clientTracking: false,
    WebSocket: FaultingWebSocket,
  });
}

function untrusted({ remoteAddress }: Peer): HandshakeError {
  const text = `X-Forwarded-For or Forwarded from ${remoteAddress}, which is not in trustProxy; the header is ignored`;
  return new HandshakeError('UNTRUSTED_PROXY', text);
}
