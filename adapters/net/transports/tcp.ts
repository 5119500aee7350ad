import { isIP, connect as openTcp, type Socket } from 'node:net';
import { createServer as createTlsServer, connect as openTls } from 'node:tls';
import { longestDelay } from '../../../machines/index.js';
import { attempt } from './attempt.js';
import type { Endpoint } from './endpoint.js';
import { Handshakes } from './handshakes.js';
import { listenOn, renewServerTls, tlsServerOptions } from './listening.js';
import { SocketConnection } from './socket-connection.js';
import type { ConnectOptions, Transport } from './transport.js';

function clientSocketOptions(options: ConnectOptions) {
  return { allowHalfOpen: true, noDelay: true, ...addressOptions(options) };
}

/**
 * How the addresses of a host name are found and tried. Each address but the last has a quarter of the connection timeout, and
 * never less than Node's default of 250 ms. With the default alone Node gives up a slow address that would have answered in time.
 */
export function addressOptions({ lookup, timeout }: ConnectOptions) {
  const share = Math.floor(Math.min(timeout, longestDelay) / 4);
  return { autoSelectFamilyAttemptTimeout: Math.max(250, share), ...(lookup && { lookup }) };
}

/** Has the system ask a silent peer for a sign of life. Set on the socket itself: not every way to open one takes it as an option. */
export function enableKeepAlive(socket: Socket, { keepAlive: ms = 60_000 }: ConnectOptions): void {
  // The socket of a WebSocket client of Bun has no setKeepAlive.
  if (Number.isFinite(ms)) socket.setKeepAlive?.(true, ms);
}

/** Plain TCP. */
export const tcpTransport: Transport = {
  async listen(endpoint, options) {
    const isBare = options.defersKeepAlive === true;
    const port = await listenOn(endpoint, options, {
      allowHalfOpen: true,
      isBare,
      rejectionNotice: ({ notice }) => notice,
      accepted: (socket, place, peer) =>
        options.onConnection(new SocketConnection(socket, 'tcp', peer, isBare), place),
    });
    return { ...port, renewTls: () => {} };
  },

  connect(endpoint, options) {
    const { host, port } = endpoint;
    return attempt(endpoint, options, ({ opened, failed }) => {
      const socket = openTcp({ host, port, ...clientSocketOptions(options) });
      socket.once('connect', () => enableKeepAlive(socket, options));
      socket.once('connect', () => opened(new SocketConnection(socket, 'tcp')));
      return givingUp(socket, failed);
    });
  },
};

/** TLS 1.2 or newer over TCP. With `ca` on the listener it is mutual. */
export const tlsTransport: Transport = {
  async listen(endpoint, options) {
    const server = createTlsServer(tlsServerOptions(endpoint, options.tls));
    const handshakes = new Handshakes('TLS handshake', options);
    server.on('secureConnection', (socket) => {
      socket.allowHalfOpen = true;
      const place = handshakes.finish(socket);
      if (place) options.onConnection(new SocketConnection(socket, 'tls'), place);
      else socket.destroy();
    });
    server.on('tlsClientError', (error, socket) => {
      handshakes.failed(socket, error);
      socket.destroy();
    });
    const port = await listenOn(endpoint, options, {
      // A client that ends its side during the handshake is gone: nothing may be kept for it until the timeout.
      allowHalfOpen: false,
      // A word would cost a handshake.
      rejectionNotice: () => null,
      accepted(socket, place) {
        handshakes.begin(socket, place);
        server.emit('connection', socket);
      },
    });
    return {
      endpoint: port.endpoint,
      renewTls: (files) => renewServerTls(server, endpoint, files),
      close() {
        handshakes.abandon();
        return port.close();
      },
    };
  },

  connect(endpoint, options) {
    const { host, port } = endpoint;
    return attempt(endpoint, options, ({ opened, failed }) => {
      const secure = tlsClientOptions(endpoint, options);
      const socket = openTls({ host, port, ...clientSocketOptions(options), ...secure });
      socket.once('connect', () => enableKeepAlive(socket, options));
      socket.once('secureConnect', () => opened(new SocketConnection(socket, 'tls')));
      return givingUp(socket, failed);
    });
  },
};

/** The options of a TLS client: the server's certificate is verified unless `insecure`. */
export function tlsClientOptions({ host }: Endpoint, { tls = {} }: ConnectOptions) {
  const { cert, key, ca, servername, insecure = false } = tls;
  return {
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: !insecure,
    // RFC 6066 has no addresses in a server name; an address is verified against the certificate all the same.
    servername: servername ?? (isIP(host) ? '' : host),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
  };
}

function givingUp(socket: Socket, failed: (error: Error) => void): () => void {
  // Stays on for good: an error after the attempt was given up must not be unhandled.
  socket.on('error', failed);
  socket.once('close', () => failed(new Error('the connection was closed while it was set up')));
  return () => socket.destroy();
}
