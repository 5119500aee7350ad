/** Connections that a service opened or accepted itself, as connections of a gate. */
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { OptionError } from '../../runtime/errors.js';
import { kindOf } from '../../runtime/kind-of.js';
import { localPeer, unixPeer } from '../addresses/trusted-proxies.js';
import { DuplexConnection } from './duplex-connection.js';
import { adoptWebSocket } from './faulting-web-socket.js';
import { type Peer, peerOf } from './peer.js';
import { ForwardedConnection, SocketConnection } from './socket-connection.js';
import type { Connection } from './transport.js';
import { upgradeRequestOf } from './upgrade-request.js';
import { WebSocketConnection } from './ws-connection.js';

/** An open WebSocket of the package ws. */
export interface OpenWebSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  ping(): void;
  pause(): void;
  resume(): void;
  close(code?: number): void;
  terminate(): void;
}

/** A pair of streams, e.g. of a child process. */
export interface StreamPair {
  readonly readable: Readable;
  readonly writable: Writable;
}

/** What `accept` takes. */
export type AcceptTarget = Socket | TLSSocket | Duplex | StreamPair | OpenWebSocket | Connection;

/** What is known about an accepted connection. */
export interface AcceptInfo {
  /** The client's address. Without one no limits per address hold. @default the address of the socket, or of the request's socket */
  readonly remoteAddress?: string | undefined;
  /** 0 to 65535. @default the port of the socket, or 0 */
  readonly remotePort?: number | undefined;
  /** The upgrade request. A WebSocket needs it. @default none */
  readonly request?: IncomingMessage | undefined;
  /** The name of the listener, for validators. @default 'accept' */
  readonly listener?: string | undefined;
}

const expected =
  'a connected net.Socket, a tls.TLSSocket after its handshake, a Duplex, { readable, writable }, an open WebSocket of ws with its request, or a Connection';

/**
 * A target as a connection.
 * @param maxFrame maximum length of a frame in bytes, for WebSockets
 * @returns null when the client has left
 * @throws {OptionError} for any other target
 */
export function connectionOf(
  target: AcceptTarget,
  info: AcceptInfo,
  maxFrame: number,
): Connection | null {
  const connection = adapted(target, info, maxFrame);
  if (connection && info.request) connection.request ??= upgradeRequestOf(info.request);
  return connection;
}

function adapted(target: AcceptTarget, info: AcceptInfo, maxFrame: number): Connection | null {
  if (target instanceof Duplex) return ofDuplex(target, info);
  if (isWebSocket(target)) return ofWebSocket(target, info, maxFrame);
  if (isConnection(target)) return target;
  if (isPair(target)) {
    const { readable, writable } = target;
    if (readable.destroyed || writable.destroyed) return null;
    return ofDuplex(Duplex.from({ readable, writable }), info);
  }
  throw new OptionError('target', kindOf(target), expected);
}

function ofDuplex(stream: Duplex, info: AcceptInfo): Connection | null {
  if (stream.readableObjectMode || stream.writableObjectMode || stream.readableEncoding !== null) {
    throw new OptionError('target', 'a stream of objects or texts', 'a stream of bytes');
  }
  const isSocket = stream instanceof Socket;
  if (isSocket && stream.pending && !stream.destroyed) {
    throw new OptionError('target', 'a socket that is not connected', expected);
  }
  if (stream.destroyed) return null;
  // Its reader starts it.
  if (stream.readableFlowing === false) stream.resume();
  if (!isSocket)
    return new DuplexConnection(stream, peerIn(info, { remoteAddress: '', remotePort: 0 }));
  if ((stream as { secureConnecting?: boolean }).secureConnecting) {
    throw new OptionError('target', 'a TLS socket without a handshake', expected);
  }
  stream.allowHalfOpen = true;
  const peer = addressOf(stream);
  if (peer === null) return null;
  const plain = peer.remoteAddress === localPeer ? 'unix' : 'tcp';
  const scheme = stream instanceof TLSSocket ? 'tls' : plain;
  const isStated = info.remoteAddress !== undefined || info.remotePort !== undefined;
  return isStated
    ? new ForwardedConnection(stream, scheme, peerIn(info, peer), true)
    : new SocketConnection(stream, scheme, peer, true);
}

function ofWebSocket(given: OpenWebSocket, info: AcceptInfo, maxFrame: number): Connection | null {
  const { request } = info;
  if (!request?.socket) {
    throw new OptionError('info.request', request, 'the upgrade request of the WebSocket');
  }
  const webSocket = given as unknown as WebSocket;
  if (webSocket.readyState === WebSocket.CONNECTING) {
    throw new OptionError('target', 'a WebSocket that is connecting', expected);
  }
  if (webSocket.readyState !== WebSocket.OPEN) return null;
  const { socket } = request;
  const peer = addressOf(socket);
  if (peer === null) return null;
  const connection = new WebSocketConnection(adoptWebSocket(webSocket), socket, {
    scheme: 'encrypted' in socket ? 'wss' : 'ws',
    maxFrame,
    peer: peerIn(info, peer),
  });
  connection.limitFrames(maxFrame);
  return connection;
}

function peerIn({ remoteAddress, remotePort }: AcceptInfo, peer: Peer): Peer {
  if (remoteAddress === undefined && remotePort === undefined) return peer;
  return {
    remoteAddress: remoteAddress ?? peer.remoteAddress,
    remotePort: remotePort ?? (remoteAddress === undefined ? peer.remotePort : 0),
  };
}

/** The address of a socket; null when its peer has left. */
function addressOf(socket: Socket): Peer | null {
  const peer = peerOf(socket);
  if (peer.remoteAddress !== '') return peer;
  // The sockets of unix sockets and pipes have no addresses at all.
  return socket.localAddress === undefined ? unixPeer : null;
}

function isWebSocket(target: object): target is OpenWebSocket {
  const { terminate, ping, pause, readyState } = Object(target) as Partial<OpenWebSocket>;
  const methods = [terminate, ping, pause].every((method) => typeof method === 'function');
  return methods && typeof readyState === 'number';
}

/** The required methods of a connection. */
const methods = ['start', 'write', 'pause', 'resume', 'close', 'destroy'] as const;

function isConnection(target: object): target is Connection {
  const connection = Object(target) as Partial<Connection>;
  return (
    methods.every((name) => typeof connection[name] === 'function') &&
    typeof connection.remoteAddress === 'string' &&
    (connection.framing === 'stream' || connection.framing === 'frame')
  );
}

function isPair(target: object): target is StreamPair {
  const { readable, writable } = Object(target) as Partial<StreamPair>;
  return typeof readable?.pipe === 'function' && typeof writable?.write === 'function';
}
