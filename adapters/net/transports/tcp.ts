import { isIP, connect as openTcp, type Socket } from 'node:net';
import { createServer as createTlsServer, connect as openTls } from 'node:tls';
import { longestDelay } from '../../../machines/text/clock.js';
import { unixPeer } from '../addresses/trusted-proxies.js';
import { attempt } from './attempt.js';
import type { Endpoint } from './endpoint.js';
import { Handshakes } from './handshakes.js';
import { pipePath } from './listen-address.js';
import { listenOn, renewServerTls, tlsServerOptions } from './listening.js';
import type { Peer } from './peer.js';
import { ForwardedConnection, SocketConnection } from './socket-connection.js';
import type { ConnectOptions, Transport } from './transport.js';

function clientSocketOptions(options: ConnectOptions) {
  return { allowHalfOpen: true, noDelay: true, ...addressOptions(options) };
}

/**
 * Options for looking up and trying the addresses of a host name. Each address but the last gets a quarter of the connection timeout, at
 * least Node's default of 250 ms. With the default alone Node would give up a slow address that answers in time.
 */
export function addressOptions({ lookup, timeout }: ConnectOptions) {
  const share = Math.floor(Math.min(timeout, longestDelay) / 4);
  return { autoSelectFamilyAttemptTimeout: Math.max(250, share), ...(lookup && { lookup }) };
}

/** Switches TCP keep-alive on. It is set on the socket, because not every way to open one has an option for it. */
export function enableKeepAlive(socket: Socket, { keepAlive: ms = 60_000 }: ConnectOptions): void {
  // The socket of a WebSocket client of Bun has no setKeepAlive.
  if (Number.isFinite(ms)) socket.setKeepAlive?.(true, ms);
}

function connectionOf(socket: Socket, scheme: 'tcp' | 'tls' | 'unix', peer: Peer, isBare = false) {
  return peer.proxyAddress === undefined
    ? new SocketConnection(socket, scheme, peer, isBare)
    : new ForwardedConnection(socket, scheme, peer, isBare);
}

/** The plain protocol over a stream of bytes. */
const plainTransport: Transport = {
  async listen(endpoint, options) {
    const isBare = options.defersKeepAlive === true;
    let scheme: 'tcp' | 'unix' = endpoint.scheme === 'unix' ? 'unix' : 'tcp';
    const port = await listenOn(endpoint, options, {
      allowHalfOpen: true,
      isBare,
      rejectionNotice: ({ notice }) => notice,
      accepted: (socket, place, peer) =>
        options.onConnection(connectionOf(socket, scheme, peer, isBare), place),
    });
    // Before the first connection. An inherited socket may be a unix socket.
    if (port.endpoint.scheme === 'unix') scheme = 'unix';
    return { ...port, renewTls: () => {} };
  },

  connect(endpoint, options) {
    const { scheme, host, port } = endpoint;
    return attempt(endpoint, options, ({ opened, failed }) => {
      const where = scheme === 'unix' ? { path: pipePath(endpoint) } : { host, port };
      const socket = openTcp({ ...where, ...clientSocketOptions(options) });
      if (scheme !== 'unix') socket.once('connect', () => enableKeepAlive(socket, options));
      socket.once('connect', () =>
        opened(
          scheme === 'unix'
            ? new SocketConnection(socket, 'unix', unixPeer)
            : new SocketConnection(socket, 'tcp'),
        ),
      );
      return cancelOf(socket, failed);
    });
  },
};

/** Plain TCP. */
export const tcpTransport = plainTransport;
/** Unix sockets, and named pipes on Windows. */
export const unixTransport = plainTransport;

/** TLS 1.2 or newer over TCP. With `ca` on the listener it is mutual. */
export const tlsTransport: Transport = {
  async listen(endpoint, options) {
    const server = createTlsServer(tlsServerOptions(endpoint, options.tls));
    const handshakes = new Handshakes('TLS handshake', options);
    server.on('secureConnection', (socket) => {
      socket.allowHalfOpen = true;
      const done = handshakes.finish(socket);
      if (done) options.onConnection(connectionOf(socket, 'tls', done.peer), done.place);
      else socket.destroy();
    });
    server.on('tlsClientError', (error, socket) => {
      handshakes.failed(socket, error);
      socket.destroy();
    });
    const port = await listenOn(endpoint, options, {
      // A client that ends its side during the handshake is gone, so its connection is closed at once.
      allowHalfOpen: false,
      // A notice would cost a handshake.
      rejectionNotice: () => null,
      accepted(socket, place, peer, bytesBefore = 0) {
        handshakes.begin(socket, { place, peer, bytesBefore });
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
      return cancelOf(socket, failed);
    });
  },
};

/** The options of a TLS client: the server's certificate is verified unless `insecure`. */
export function tlsClientOptions({ host }: Endpoint, { tls = {} }: ConnectOptions) {
  const { cert, key, ca, servername, insecure = false } = tls;
  return {
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: !insecure,
    // RFC 6066 allows no addresses in a server name. An address is still verified against the certificate.
    servername: servername ?? (isIP(host) ? '' : host),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
  };
}

function cancelOf(socket: Socket, failed: (error: Error) => void): () => void {
  // The listener stays: an error after the attempt was cancelled must not be unhandled.
  socket.on('error', failed);
  socket.once('close', () => failed(new Error('the connection was closed while it was set up')));
  return () => socket.destroy();
}
