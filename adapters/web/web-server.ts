import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { excessRequests, isExcess } from '../net/excess-requests.js';
import { hostOf, isForThisMachine, isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import { ListenError } from '../server/index.js';
import { addressOf } from './address.js';
import type { Answer, FileAnswer } from './answer.js';
import { type ConnectionLimits, Connections } from './connections.js';
import { WebHandler, type WebHandlerOptions } from './web-handler.js';

/** Milliseconds for answers in progress when the server closes. */
const lastAnswers = 500;

/** Milliseconds for a connection to send a request. */
const requestDeadline = 5_000;
/** Keep-alive of an idle connection in milliseconds. */
const keepAlive = 5_000;
/** Milliseconds between two checks of the request deadline. */
const deadlineCheck = 500;

/** How long a web server waits for requests. */
export const requestTimeouts = {
  headersTimeout: requestDeadline,
  requestTimeout: requestDeadline,
  connectionsCheckingInterval: deadlineCheck,
  keepAliveTimeout: keepAlive,
};

export interface WebServerOptions
  extends Omit<WebHandlerOptions<Answer | FileAnswer>, 'hostProblem'> {
  readonly listen: string;
  /** Allowed Host names besides localhost while it listens on a loopback address; read for each request. */
  readonly allowedHosts: readonly string[];
  /** @default see ConnectionLimits */
  readonly limits?: Partial<ConnectionLimits> | undefined;
}

export interface WebServer extends AsyncDisposable {
  /** Its address with the actual port, e.g. `http://127.0.0.1:7080`. */
  readonly url: string;
  close(): Promise<void>;
}

const otherMachine =
  'the Host header names another machine; behind a proxy set its public address (--admin-public-url URL), else allow the name (--allow-host NAME)';

/**
 * Serves pages and WebSockets. On a loopback address it rejects requests whose Host names another machine; other addresses require a
 * token. It never allows cross-origin reading. It has at most 128 connections: a new one replaces the oldest idle one. It closes
 * connections that send no request within 5 seconds. The answers of a connection are made in order, each after the previous one is flushed.
 * @throws {OptionError} for an invalid address or a missing token; {ListenError} when it cannot listen.
 */
export async function openWebServer(options: WebServerOptions): Promise<WebServer> {
  const { listen, token, publicUrl } = options;
  const { host, port } = addressOf(listen);
  const local = isLoopback(host);
  if (!local && token === undefined) {
    throw new OptionError('admin', listen, 'a token (adminToken) or an address such as 127.0.0.1');
  }
  const publicHosts = publicUrl === undefined ? [] : [hostOf(new URL(publicUrl).host) ?? ''];
  const handler = new WebHandler({
    ...options,
    hostProblem(header) {
      if (!local || isForThisMachine(header, [...options.allowedHosts, ...publicHosts]))
        return null;
      return otherMachine;
    },
  });
  const isFull = (socket: Socket): boolean => connections.isFull(socket);
  const server = createServer({ ...requestTimeouts, IncomingMessage: excessRequests(isFull) });
  const connections = new Connections(server, options.limits);
  const answer: RequestListener = (request, response) =>
    connections.answer(request, response, () => handler.answer(request));
  server.on('request', answer);
  // Otherwise Node answers these requests.
  server.on('checkExpectation', answer);
  server.on('upgrade', (request, socket, head) => {
    if (isExcess(request)) connections.refuse(request.socket);
    if (!connections.upgrade(request.socket)) {
      socket.destroy();
      return;
    }
    handler.upgrade(request, socket, head);
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new ListenError(listen, cause as Error);
  }
  const bound = (server.address() as AddressInfo).port;
  const close = closeOnce(server, handler);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function closeOnce(server: Server, handler: WebHandler<Answer | FileAnswer>): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => {
    if (closed) return closed;
    closed = closeServer(server);
    handler.close();
    return closed;
  };
}

/** Closes a web server; answers in progress have a moment to end. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), lastAnswers);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
