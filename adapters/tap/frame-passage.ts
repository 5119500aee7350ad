import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { formatEndpoint } from '../net/transports/endpoint.js';
import { tlsServerOptions } from '../net/transports/listening.js';
import { tlsClientOptions } from '../net/transports/tcp.js';
import { type Passage, type PassageOptions, passageAt } from './passage.js';

/** Maximum length of a WebSocket frame in bytes: a frame must be complete before it is forwarded. */
const longestMessage = 16 * 1_024 * 1_024;
/** Backlog in bytes for the other side at which the sender is paused. */
const mostWaiting = 1_048_576;
const settings = { perMessageDeflate: false, maxPayload: longestMessage, autoPong: false };

/** Headers that belong to one connection and are not forwarded to the other. */
const own = /^(host|connection|upgrade|sec-websocket-.*|content-length|transfer-encoding)$/i;

/** Forwards WebSocket frames, plain and TLS, between clients and the server. @throws the system's error when it cannot listen. */
export async function openFramePassage(options: PassageOptions): Promise<Passage> {
  const { listen } = options;
  const open = new Set<WebSocket>();
  const server: Server =
    listen.scheme === 'wss'
      ? createSecureServer(tlsServerOptions(listen, options.tls))
      : createServer();
  const upgrades = new WebSocketServer({ ...settings, noServer: true, clientTracking: false });
  server.on('request', (_request, response) => response.writeHead(426).end());
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    if (!options.admits()) {
      refuse(socket, 503);
      return;
    }
    const { headers } = request;
    const protocols = headers['sec-websocket-protocol']?.split(',').map((one) => one.trim()) ?? [];
    const passed = Object.entries(headers).filter(([name]) => !own.test(name));
    const other = new WebSocket(formatEndpoint(options.to), protocols, {
      ...settings,
      headers: Object.fromEntries(passed) as Record<string, string>,
      handshakeTimeout: options.connectTimeout,
      ...(options.to.scheme === 'wss' && secure(options)),
    });
    open.add(other);
    other.once('close', () => open.delete(other));
    const failed = (error: Error) => {
      if (!socket.destroyed) options.unreachable(error);
      refuse(socket, 502);
    };
    other.once('error', failed);
    const gone = () => other.terminate();
    socket.once('close', gone);
    // The tap rejects the upgrade with the server's answer.
    other.once('unexpected-response', (_request, response) => {
      other.off('error', failed).on('error', () => {});
      refuse(socket, response.statusCode ?? 502);
      other.terminate();
    });
    other.once('open', () => {
      other.off('error', failed);
      // Frames that come before the client is connected wait.
      other.pause();
      // The client gets the subprotocol that the server chose, if any.
      if (other.protocol) headers['sec-websocket-protocol'] = other.protocol;
      else delete headers['sec-websocket-protocol'];
      upgrades.handleUpgrade(request, socket, head, (client) => {
        open.add(client);
        client.once('close', () => open.delete(client));
        socket.off('close', gone);
        const { remoteAddress = '', remotePort = 0 } = request.socket;
        join(client, other, options, { address: remoteAddress, port: remotePort });
        other.resume();
      });
    });
  });
  return passageAt(server, options, open, {
    close: (webSocket) => webSocket.close(1001),
    cutAll: () => {
      for (const webSocket of open) webSocket.terminate();
      // Connections that are not upgraded yet.
      server.closeAllConnections();
    },
  });
}

function secure({ to, tlsTo }: PassageOptions) {
  return tlsClientOptions(to, { maxFrame: 0, timeout: 0, ...(tlsTo && { tls: tlsTo }) });
}

function refuse(stream: Duplex, status: number): void {
  const socket = stream as Socket;
  if (socket.destroyed) return;
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function join(
  client: WebSocket,
  server: WebSocket,
  options: PassageOptions,
  peer: { readonly address: string; readonly port: number },
): void {
  const heard = options.opened(peer);
  let first: 'client' | 'server' | null = null;
  for (const webSocket of [client, server]) webSocket.on('error', () => {});
  const pass = (from: WebSocket, to: WebSocket, by: 'client' | 'server') => {
    from.on('message', (data: RawData, isBinary: boolean) => {
      if (to.readyState !== WebSocket.OPEN) return;
      to.send(data, { binary: isBinary }, () => {
        if (to.bufferedAmount < mostWaiting) from.resume();
      });
      if (to.bufferedAmount >= mostWaiting) from.pause();
      heard.frame(by, data as Buffer, isBinary);
    });
    from.on('ping', (data) => to.readyState === WebSocket.OPEN && to.ping(data));
    from.on('pong', (data) => to.readyState === WebSocket.OPEN && to.pong(data));
    from.once('close', (code, reason) => {
      first ??= by;
      heard.ended(first);
      // 1005: closed without a code; 1006: the connection broke.
      if (code === 1005) to.close();
      else if (code === 1006 || code === 1015) to.terminate();
      else to.close(code, reason);
    });
  };
  pass(client, server, 'client');
  pass(server, client, 'server');
}
