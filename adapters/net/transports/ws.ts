import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { excessRequests } from '../excess-requests.js';
import { attempt, UpgradeRefusedError } from './attempt.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { FaultingWebSocket, optionsFor } from './faulting-web-socket.js';
import { Handshakes } from './handshakes.js';
import { refuse, unavailable } from './http-answers.js';
import { listenOn, renewServerTls, tlsServerOptions } from './listening.js';
import { addressOptions, enableKeepAlive, tlsClientOptions } from './tcp.js';
import type { Transport } from './transport.js';
import { Upgrades, version } from './upgrades.js';
import { WebSocketConnection } from './ws-connection.js';

/** WebSocket over plain TCP. A listener with a path takes upgrades to that path only; one without takes any. */
export const wsTransport = webSocketTransport('ws');
/** WebSocket over TLS. */
export const wssTransport = webSocketTransport('wss');

function webSocketTransport(scheme: 'ws' | 'wss'): Transport {
  return {
    async listen(endpoint, options) {
      // A server of node:https of Bun speaks plain HTTP on connections that another server accepted.
      if (scheme === 'wss' && process.versions.bun !== undefined) {
        throw new Error('Bun has no TLS there; attach the gate to a server of node:https');
      }
      /** Connections with a plain request. Its response ends them, so later requests are dropped. */
      const answered = new WeakSet<Socket>();
      const requests = { IncomingMessage: excessRequests((socket) => answered.has(socket)) };
      const server =
        scheme === 'wss'
          ? createSecureServer({ ...requests, ...tlsServerOptions(endpoint, options.tls) })
          : createServer(requests);
      const handshakes = new Handshakes('WebSocket upgrade', options);
      const upgrades = new Upgrades(options, handshakes, scheme);
      server.on('tlsClientError', (error: Error, socket: Socket) => {
        handshakes.failed(socket, error);
        socket.destroy();
      });
      server.on('clientError', (error, socket) => {
        handshakes.failed(socket as Socket, error);
        refuse(socket as Socket, '400 Bad Request');
      });
      server.on('request', (request, response) => {
        answered.add(request.socket);
        const isCheck = isHealthCheck(request);
        const what = isCheck ? 'a health check (/healthz)' : 'a plain HTTP request';
        handshakes.probed(request.socket, new Error(what));
        if (isCheck) {
          // While the server closes, new connections get 503 instead.
          response.writeHead(200, { 'Content-Type': 'text/plain', Connection: 'close' });
          response.end('accepting connections\n');
          return;
        }
        response.writeHead(426, {
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': version,
          Connection: 'Upgrade, close',
        });
        response.end();
      });
      server.on('upgrade', (request, stream, head) => {
        const socket = stream as Socket;
        if (answered.has(socket)) {
          socket.destroySoon();
          return;
        }
        if (!isFor(endpoint, request)) {
          handshakes.failed(socket, new Error('another path'));
          refuse(socket, '404 Not Found');
          return;
        }
        upgrades.handle(request, socket, head, endpoint.host);
      });
      const port = await listenOn(endpoint, options, {
        // An HTTP client may end its side. During a TLS handshake that ends the connection.
        allowHalfOpen: scheme === 'ws',
        // Over TLS a notice would cost a handshake.
        rejectionNotice: ({ retryAfter }) => (scheme === 'ws' ? unavailable(retryAfter) : null),
        accepted(socket, place, peer, bytesBefore = 0) {
          handshakes.begin(socket, { place, peer, bytesBefore });
          server.emit('connection', socket);
        },
        acceptedProxy(socket, peer, after) {
          handshakes.begin(socket, { place: null, peer, ...after });
          server.emit('connection', socket);
        },
      });
      return {
        endpoint: port.endpoint,
        renewTls(files) {
          if (server instanceof TlsServer) renewServerTls(server, endpoint, files);
        },
        close() {
          handshakes.abandon();
          return port.close();
        },
      };
    },

    connect(endpoint, options) {
      return attempt(endpoint, options, ({ opened, failed }) => {
        let socket: Socket | null = null;
        const webSocket = new FaultingWebSocket(formatEndpoint(endpoint), {
          // The response of the event 'upgrade' has no socket in Bun.
          finishRequest(request) {
            request.prependOnceListener('upgrade', (_response, upgraded: Socket) => {
              socket = upgraded;
              enableKeepAlive(socket, options);
            });
            request.end();
          },
          ...optionsFor(options.maxFrame),
          ...(scheme === 'wss' && tlsClientOptions(endpoint, options)),
          ...addressOptions(options),
          ...(options.headers && { headers: options.headers }),
        });
        webSocket.once('unexpected-response', (request, response) => {
          failed(refusalOf(response));
          request.destroy();
        });
        webSocket.once('open', () => {
          const { maxFrame } = options;
          if (socket) opened(new WebSocketConnection(webSocket, socket, { scheme, maxFrame }));
        });
        webSocket.on('error', failed);
        return () => webSocket.terminate();
      });
    },
  };
}

function refusalOf({ statusCode = 0, statusMessage = '', headers }: IncomingMessage): Error {
  const after = headers['retry-after'] ?? '';
  // A number of seconds, or a date.
  const ms = /^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - Date.now();
  return new UpgradeRefusedError(statusCode, statusMessage, ms >= 0 ? ms : null);
}

function isHealthCheck({ method, url = '/' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === '/healthz';
}

function isFor({ path }: Endpoint, { url = '/' }: IncomingMessage): boolean {
  return path === '/' || pathnameOf(path) === pathnameOf(url);
}

/** The path of a URL without its query. */
export function pathnameOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
