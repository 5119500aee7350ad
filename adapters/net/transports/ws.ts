import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { WebSocketServer } from 'ws';
import { excessRequests } from '../../web/excess-requests.js';
import { attempt, UpgradeRefusedError } from './attempt.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { Handshakes } from './handshakes.js';
import { listenOn, renewServerTls, tlsServerOptions } from './listening.js';
import { mayAsk, mayUpgrade } from './origin.js';
import { addressOptions, enableKeepAlive, tlsClientOptions } from './tcp.js';
import type { ListenOptions, Transport } from './transport.js';
import { boundsFor, FaultingWebSocket, optionsFor, WebSocketConnection } from './ws-connection.js';

/** WebSocket over plain TCP. A listener with a path takes upgrades to that path only; one without takes any. */
export const wsTransport = webSocketTransport('ws');
/** WebSocket over TLS. */
export const wssTransport = webSocketTransport('wss');

/** Of the WebSocket protocol (RFC 6455). */
const version = '13';

function webSocketTransport(scheme: 'ws' | 'wss'): Transport {
  return {
    async listen(endpoint, options) {
      /** Connections that had a plain request: its answer ends them, whatever was sent behind it. */
      const answered = new WeakSet<Socket>();
      const requests = { IncomingMessage: excessRequests((socket) => answered.has(socket)) };
      const server =
        scheme === 'wss'
          ? createSecureServer({ ...requests, ...tlsServerOptions(endpoint, options.tls) })
          : createServer(requests);
      const handshakes = new Handshakes('WebSocket upgrade', options);
      const upgrades = upgradesFor(options, handshakes);
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
          // While the server closes, this connection was abandoned: others get the notice, 503.
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
        if (!mayAsk(request.headers, socket, endpoint, options.allowedHosts ?? [])) {
          const host = JSON.stringify(request.headers.host?.slice(0, 200) ?? '');
          const problem = `the Host header ${host} names another machine (allowedHosts)`;
          handshakes.failed(socket, new Error(problem));
          refuse(socket, '403 Forbidden');
          return;
        }
        if (!mayUpgrade(request.headers, options.allowOrigin ?? [])) {
          const page = JSON.stringify(request.headers.origin?.slice(0, 200));
          handshakes.failed(socket, new Error(`pages of ${page} may not connect (allowOrigin)`));
          refuse(socket, '403 Forbidden');
          return;
        }
        const { maxFrame } = options;
        Object.assign(upgrades.options, boundsFor(maxFrame));
        upgrades.handleUpgrade(request, socket, head, (webSocket) => {
          const connection = new WebSocketConnection(webSocket, socket, scheme, maxFrame);
          const place = handshakes.finish(socket);
          if (place) options.onConnection(connection, place);
          else connection.destroy();
        });
      });
      const port = await listenOn(endpoint, options, {
        // An HTTP client may end its side. During a TLS handshake that ends the connection.
        allowHalfOpen: scheme === 'ws',
        // Over TLS a word would cost a handshake.
        rejectionNotice: ({ retryAfter }) => (scheme === 'ws' ? unavailable(retryAfter) : null),
        accepted(socket, place) {
          handshakes.begin(socket, place);
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
        const webSocket = new FaultingWebSocket(formatEndpoint(endpoint), {
          ...optionsFor(options.maxFrame),
          ...(scheme === 'wss' && tlsClientOptions(endpoint, options)),
          ...addressOptions(options),
          ...(options.headers && { headers: options.headers }),
        });
        let socket: Socket | null = null;
        webSocket.once('upgrade', (response) => {
          socket = response.socket;
          enableKeepAlive(socket, options);
        });
        webSocket.once('unexpected-response', (request, response) => {
          failed(refusalOf(response));
          request.destroy();
        });
        webSocket.once('open', () => {
          if (socket) opened(new WebSocketConnection(webSocket, socket, scheme, options.maxFrame));
        });
        webSocket.on('error', failed);
        return () => webSocket.terminate();
      });
    },
  };
}

function refusalOf({ statusCode = 0, statusMessage = '', headers }: IncomingMessage): Error {
  const after = headers['retry-after'] ?? '';
  // A count of seconds, or a date.
  const ms = /^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - Date.now();
  return new UpgradeRefusedError(statusCode, statusMessage, ms >= 0 ? ms : null);
}

function upgradesFor(options: ListenOptions, handshakes: Handshakes) {
  const upgrades = new WebSocketServer<typeof FaultingWebSocket>({
    ...optionsFor(options.maxFrame),
    noServer: true,
    clientTracking: false,
    WebSocket: FaultingWebSocket,
  });
  upgrades.on('wsClientError', (error, socket) => {
    handshakes.failed(socket as Socket, error);
    refuse(socket as Socket, '400 Bad Request', `Sec-WebSocket-Version: ${version}\r\n`);
  });
  return upgrades;
}

function isHealthCheck({ method, url = '/' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === '/healthz';
}

function isFor({ path }: Endpoint, { url = '/' }: IncomingMessage): boolean {
  const pathname = (text: string) => text.split('?', 1)[0];
  return path === '/' || pathname(path) === pathname(url);
}

function refuse(socket: Socket, status: string, headers = ''): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  if (socket.writable) socket.end(responseText(status, headers));
  else socket.destroy();
}

/** The notice for a connection that is rejected before it sent anything. */
function unavailable(retryAfter: number | null): string {
  const after = retryAfter === null ? '' : `Retry-After: ${Math.ceil(retryAfter / 1_000)}\r\n`;
  return responseText(
    '503 Service Unavailable',
    `${after}Content-Type: text/plain\r\n`,
    'not accepting connections\n',
  );
}

function responseText(status: string, headers = '', body = ''): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}
