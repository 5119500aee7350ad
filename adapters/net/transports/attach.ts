/** WebSocket upgrades of an HTTP server that belongs to a service. */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { unixPeer } from '../addresses/trusted-proxies.js';
import { connectionKey, Handshakes } from './handshakes.js';
import { refuse } from './http-answers.js';
import { peerOf } from './peer.js';
import type { ListenOptions } from './transport.js';
import { Upgrades } from './upgrades.js';
import { pathnameOf } from './ws.js';

/** A server of node:http or node:https. */
export type HttpServer = Server | SecureServer;

/** Takes the upgrades of one path. */
export type TakeUpgrade = (
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  acceptedAt: number | undefined,
) => void;

const routers = new WeakMap<HttpServer, UpgradeRouter>();

/** Whether the upgrades of a path are taken already. */
export function isAttached(server: HttpServer, path: string): boolean {
  return routers.get(server)?.has(path) ?? false;
}

/**
 * Takes the WebSocket upgrades of a path of a server. Other upgrades go where they went before.
 * @returns a function that takes no more of them; open connections stay
 */
export function takeUpgrades(server: HttpServer, path: string, take: TakeUpgrade): () => void {
  const router = routers.get(server) ?? new UpgradeRouter(server);
  routers.set(server, router);
  router.add(path, take);
  return () => {
    router.remove(path);
    if (router.isEmpty && router.detach()) routers.delete(server);
  };
}

/** Turns the WebSocket upgrades of a path of a server into connections, as `takeUpgrades` does. */
export function attachTo(server: HttpServer, path: string, options: ListenOptions): () => void {
  const isSecure = 'setSecureContext' in server;
  const handshakes = new Handshakes('WebSocket upgrade', options);
  const upgrades = new Upgrades(options, handshakes, isSecure ? 'wss' : 'ws');
  return takeUpgrades(server, path, (request, socket, head, acceptedAt) => {
    const peer = peerOf(socket);
    // The peer of a unix socket has no address; of any other server, the client has left.
    const isLocal = typeof server.address() === 'string';
    if (peer.remoteAddress === '' && !isLocal) {
      socket.destroy();
      return;
    }
    handshakes.begin(socket, {
      place: null,
      peer: isLocal ? unixPeer : peer,
      ...(acceptedAt !== undefined && { acceptedAt }),
    });
    upgrades.handle(request, socket, head, hostOfServer(server));
  });
}

/** The host of a server's address; that of a unix socket counts as any. */
function hostOfServer(server: HttpServer): string {
  const address = server.address();
  return typeof address === 'object' && address ? address.address : '0.0.0.0';
}

/**
 * The upgrades of one server, by path. Listeners of an event cannot stop each other, and a WebSocketServer of ws with another path answers
 * our upgrades with 400. So our paths are taken before the event is emitted.
 */
class UpgradeRouter {
  readonly #server: HttpServer;
  readonly #paths = new Map<string, TakeUpgrade>();
  /** When connections without a request were accepted, by their addresses. */
  readonly #accepted = new Map<string | Socket, number>();
  readonly #emit: HttpServer['emit'];
  readonly #ownEmit: HttpServer['emit'];
  /** Node emits upgrades only where there is a listener. */
  readonly #listener = (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (this.#take(request, socket, head) || this.#server.listenerCount('upgrade') > 1) return;
    answerAsRequest(this.#server, request, socket);
  };

  constructor(server: HttpServer) {
    this.#server = server;
    this.#emit = server.emit;
    this.#ownEmit = (event: string | symbol, ...values: unknown[]) => {
      if (event === 'upgrade') {
        const [request, socket, head] = values as [IncomingMessage, Socket, Buffer];
        if (this.#take(request, socket, head)) return true;
      } else if (event === 'connection') this.#began(values[0] as Socket);
      else if (event === 'request')
        this.#accepted.delete(connectionKey((values[0] as IncomingMessage).socket));
      return Reflect.apply(this.#emit, server, [event, ...values]) as boolean;
    };
    server.emit = this.#ownEmit;
    server.on('upgrade', this.#listener);
  }

  get isEmpty(): boolean {
    return this.#paths.size === 0;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  add(path: string, take: TakeUpgrade): void {
    this.#paths.set(path, take);
  }

  remove(path: string): void {
    this.#paths.delete(path);
  }

  /** Leaves the server as it was. @returns false where another wrapper of `emit` still calls this one */
  detach(): boolean {
    if (this.#server.emit !== this.#ownEmit) return false;
    this.#server.off('upgrade', this.#listener);
    Reflect.deleteProperty(this.#server, 'emit');
    if (this.#server.emit !== this.#emit) this.#server.emit = this.#emit;
    this.#accepted.clear();
    return true;
  }

  /** @returns whether the path is one of ours */
  #take(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
    const take = this.#paths.get(pathnameOf(request.url ?? '/'));
    take?.(request, socket, head, this.#accepted.get(connectionKey(socket)));
    return take !== undefined;
  }

  /** The time of a connection's first request counts for its handshake; later requests may come at any time. */
  #began(socket: Socket): void {
    if (socket.remotePort === undefined) return;
    const key = connectionKey(socket);
    this.#accepted.set(key, performance.now());
    socket.once('close', () => this.#accepted.delete(key));
  }
}

/** Answers an upgrade that no listener takes as a plain request, as Node does where no upgrades are taken. Its routes decide. */
function answerAsRequest(server: HttpServer, request: IncomingMessage, socket: Socket): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  // Node parses nothing after an upgrade, not even the body.
  if (length !== '0' || encoding !== undefined) {
    refuse(socket, '400 Bad Request');
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  socket.on('error', () => socket.destroy());
  server.emit('request', request, response);
}
